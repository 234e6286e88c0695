#![no_std]
#![no_main]

firmware::program!(firmware::hash::run);
