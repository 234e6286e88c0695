#![no_std]
#![no_main]

firmware::program!(firmware::xor::run);
