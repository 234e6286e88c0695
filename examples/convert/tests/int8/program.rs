//! `program NET FILE` runs a net on each input in the file. It prints the CRC-32 of the output, that of the outputs of all
//! operators, one after another, and that of each operator's output.

mod run;

use baregrad::int8::Layer;

macro_rules! nets {
    ($($net:ident: $step:expr;)*) => {
        $(#[allow(non_snake_case)] mod $net;)*

        fn main() {
            let [_, net, file] = &std::env::args().collect::<Vec<_>>()[..] else { panic!("program NET FILE") };
            let inputs = std::fs::read(file).unwrap();
            let outputs = match net.as_str() {
                $(stringify!($net) => run::run::<$net::Net, { $net::Net::ARENA }>(&$net::NET, &$net::OPERATORS, &inputs, $step),)*
                _ => panic!("no net {net}"),
            };
            for (both, each) in outputs {
                let each = each.iter().map(|(operator, crc)| format!(" {operator} {crc:08x}")).collect::<String>();
                println!("{:08x} {:08x}{each}", both[0], both[1]);
            }
        }
    };
}

include!("nets.rs");
