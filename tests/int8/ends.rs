//! Where other integers than int8 enter and leave a net.

use crate::case::case;
use baregrad::Chain;
use baregrad::int8::*;

/// A net that returns its input.
type Same<const N: usize> = Reshape<[u8; N], [u8; N]>;

#[test]
fn int16() {
    for name in ["int16", "int16 larger step"] {
        let c = case(name);
        let net = Same::<64>::new(c.to());
        let mut memory = Memory::<Same<64>, 64>::NEW;
        for [x, y] in c.samples() {
            let mut x = x.chunks(2).map(|x| i16::from_le_bytes([x[0], x[1]]));
            net.input(&mut memory).set_i16(&[(); 64].map(|()| x.next().unwrap()), c.from().scale);
            assert_eq!(net.infer(&mut memory).int8().map(|q| q as u8), *y, "{name}");
        }
    }
}

#[test]
fn uint8() {
    for name in ["uint8", "uint8 same scale"] {
        let c = case(name);
        let net = Same::<256>::new(c.to());
        let mut memory = Memory::<Same<256>, 256>::NEW;
        for [x, y] in c.samples() {
            net.input(&mut memory).set_u8(&x.try_into().unwrap(), c.from().scale);
            assert_eq!(net.infer(&mut memory).int8().map(|q| q as u8), *y, "{name}");
        }
    }
}

#[test]
fn softmax_to_int16() {
    let c = case("softmax int16");
    let net = Softmax16::<4>::new(c.from());
    let mut memory = Memory::<Softmax16<4>, { Softmax16::<4>::ARENA }>::NEW;
    for [x, y] in c.samples() {
        net.input(&mut memory).set_int8(&[0, 1, 2, 3].map(|i: usize| x[i] as i8));
        assert_eq!(net.infer(&mut memory).int16().map(i16::to_le_bytes).as_flattened(), y);
    }
}

#[test]
fn int16_to_int32() {
    type Net = Chain<Same<128>, Chain<Reshape<[u8; 128], Int16<64>>, ToInt32<64>>>;
    let c = case("int32");
    let [from, to] = [Softmax16::<1>::PROBABILITIES, c.to()];
    let net: Net = Chain(Reshape::new(from), Chain(Reshape::new(from), ToInt32::new(from, to.scale)));
    let mut memory = Memory::<Net, { Net::ARENA }>::NEW;
    for [x, y] in c.samples() {
        let places = net.input(&mut memory).bytes.chunks_mut(2).zip(x.chunks(2));
        for (to, from) in places {
            to.copy_from_slice(&[from[0], from[1] ^ 0x80]);
        }
        assert_eq!(net.infer(&mut memory).int32().map(i32::to_le_bytes).as_flattened(), y);
    }
}

/// A step so much larger than the scale that the shift of a sample would overflow: the ends of int8.
#[test]
fn huge_steps() {
    let net = Same::<3>::new(Quantization { scale: 1e-9, zero_point: 5 });
    let mut memory = Memory::<Same<3>, 3>::NEW;
    net.input(&mut memory).set_i16(&[-32768, 0, 32767], 1.0);
    assert_eq!(net.infer(&mut memory).int8(), [-128, 5, 127]);
    net.input(&mut memory).set_i16(&[-1, 0, 1], 1.0);
    assert_eq!(net.infer(&mut memory).int8(), [-128, 5, 127]);
}
