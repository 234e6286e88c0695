//! Windows of 2 by 2 places over 9 rows and 8 columns give 5 or 4 rows and 4 columns, not 4 and 5.
use baregrad::prelude::*;
use baregrad::tensor::Image;

type Net = chain![MaxPool2d<Image<9, 8, 2>, Image<4, 5, 2>, 2, 2>, Flatten<40>, Dense<40, 2>];

static NET: Net = Net::NEW;

fn main() {}
