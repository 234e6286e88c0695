//! `program NET FILE` runs a net on each input in the file, of floats in little endian, and prints the outputs.

mod run;

macro_rules! nets {
    ($($net:ident)*) => {
        $(mod $net;)*

        fn main() {
            let [_, net, file] = &std::env::args().collect::<Vec<_>>()[..] else { panic!("program NET FILE") };
            let bytes = std::fs::read(file).unwrap();
            let inputs: Vec<f32> = bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            let outputs = match net.as_str() {
                $(stringify!($net) => run::run(&$net::NET, &inputs),)*
                _ => panic!("no net {net}"),
            };
            for y in outputs {
                println!("{}", y.iter().map(f32::to_string).collect::<Vec<_>>().join(" "));
            }
        }
    };
}

include!("nets.rs");
