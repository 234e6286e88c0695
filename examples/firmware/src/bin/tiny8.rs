#![no_std]
#![no_main]

firmware::program!(firmware::int8::tiny);
