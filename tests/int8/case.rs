//! The cases of `tests/reference/int8.json`.

use baregrad::int8::{Activation, Bytes, End, Layer, Quantization};
use serde_json::Value;

#[path = "../common/reference.rs"]
#[allow(dead_code)]
mod reference;

/// An operator with its parameters, inputs and outputs.
pub struct Case(Value);

/// The case of a name.
pub fn case(name: &str) -> Case {
    let file = reference::load("int8");
    let case = file["cases"].as_array().unwrap().iter().find(|case| case["name"] == name);
    Case(case.unwrap_or_else(|| panic!("int8.json has no case {name}")).clone())
}

impl Case {
    /// The bytes of a tensor.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        hexadecimal(&self.0[name])
    }

    /// A number, or all numbers of a tensor.
    pub fn floats<const N: usize>(&self, name: &str) -> [f32; N] {
        reference::floats(&self.0[name]).try_into().unwrap()
    }

    pub fn ints<const N: usize>(&self, name: &str) -> [i32; N] {
        self.ints_of(name).try_into().unwrap()
    }

    pub fn ints_of(&self, name: &str) -> Vec<i32> {
        reference::flat(&self.0[name]).iter().map(|v| *v as i32).collect()
    }

    pub fn activation(&self) -> Activation {
        match self.0["activation"].as_str().unwrap() {
            "relu" => Activation::Relu,
            "relu6" => Activation::Relu6,
            _ => Activation::None,
        }
    }

    pub fn quantization(&self, name: &str) -> Quantization {
        let [scale, zero_point] = self.floats(name);
        Quantization { scale, zero_point: zero_point as i8 }
    }

    pub fn from(&self) -> Quantization {
        self.quantization("from")
    }

    pub fn to(&self) -> Quantization {
        self.quantization("to")
    }

    /// The inputs, and the output of each.
    pub fn samples(&self) -> Vec<[Vec<u8>; 2]> {
        let all = |name: &str| self.0[name].as_array().unwrap().iter().map(hexadecimal).collect::<Vec<_>>();
        all("x").into_iter().zip(all("y")).map(|(x, y)| [x, y]).collect()
    }

    /// The layer gives the bytes of the case: from both ends of an arena of exactly the length that it asks for, and from an input
    /// outside of the arena.
    #[track_caller]
    pub fn check<L: Layer>(&self, layer: &L) {
        for end in [End::Front, End::Back] {
            let (mut inside, mut beside) = (L::STATE, L::STATE);
            for [x, y] in self.samples() {
                let (x, y) = (to_bytes(&x), to_bytes(&y));
                assert_eq!((x.len(), y.len()), (L::X::LEN, L::Y::LEN), "{}", self.0["name"]);
                let mut arena = vec![0xA5; L::ARENA];
                at(end, &mut arena, x.len()).copy_from_slice(&x);
                let to = layer.run(&mut inside, &mut arena, end, &mut (), 0);
                assert_eq!(to, if L::FLIPS { end.other() } else { end });
                assert_eq!(at(to, &mut arena, y.len()), y, "{} from the {end:?}", self.0["name"]);
                let mut arena = vec![0xA5; L::BESIDE];
                layer.beside(&mut beside, &x, &mut arena, end, &mut (), 0);
                assert_eq!(at(end, &mut arena, y.len()), y, "{} beside its input", self.0["name"]);
            }
        }
    }
}

/// The bytes of int8 as a net has them. Of wider integers, only the last byte of each changes, which `ends.rs` does.
fn to_bytes(int8: &[u8]) -> Vec<u8> {
    int8.iter().map(|q| q ^ 0x80).collect()
}

fn at(end: End, arena: &mut [u8], length: usize) -> &mut [u8] {
    let from = if end == End::Front { 0 } else { arena.len() - length };
    &mut arena[from..][..length]
}

fn hexadecimal(value: &Value) -> Vec<u8> {
    let digits = value.as_str().unwrap();
    (0..digits.len() / 2).map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap()).collect()
}
