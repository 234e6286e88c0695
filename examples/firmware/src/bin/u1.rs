#![no_std]
#![no_main]

firmware::program!(firmware::u1::run);
