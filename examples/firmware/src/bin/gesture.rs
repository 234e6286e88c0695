#![no_std]
#![no_main]

firmware::program!(firmware::gesture::run);
