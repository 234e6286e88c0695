#![no_std]
#![no_main]

firmware::program!(firmware::u5::run);
