#![no_std]
#![no_main]

firmware::program!(firmware::u2::run);
