#![no_std]
#![no_main]

firmware::program!(firmware::ds_cnn::infer_in_place);
