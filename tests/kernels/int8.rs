//! The kernels of int8 nets against naive twins in wide integers: the same bytes.

use baregrad::kernels::int8::{Multiplier, Output, Range, add::Sum, depthwise, dot, multiplier};
use std::array;

/// Numbers of 32 bits.
struct Random(u32);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223); // Numerical Recipes
        self.0.rotate_left(16)
    }

    fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.next() as u8).collect()
    }
}

/// `a · b / 2³¹`, to the nearest, halves up.
fn multiply_high(a: i32, b: i32) -> i128 {
    (i128::from(a) * i128::from(b) * 2 + (1 << 31)).div_euclid(1 << 32)
}

/// `x / 2^shift`, to the nearest, halves away from 0.
fn shift_right(x: i128, shift: u32) -> i128 {
    x.signum() * (x.abs() * 2 + (1 << shift)).div_euclid(2 << shift)
}

/// The two steps of gemmlowp.
fn scale(x: i32, by: Multiplier) -> i128 {
    let exponent = i32::from(by.exponent);
    shift_right(multiply_high(x.wrapping_shl(exponent.max(0) as u32), by.mantissa), (-exponent).max(0) as u32)
}

fn finish(sum: i64, output: &Output, range: Range) -> u8 {
    let scaled = scale((sum + i64::from(output.bias)) as i32, output.multiplier());
    (scaled + i128::from(range.zero)).clamp(range.low.into(), range.high.into()) as u8
}

const RANGES: [Range; 3] = [
    Range { zero: 0, low: 0, high: 255 },
    Range { zero: 131, low: 131, high: 255 },
    Range { zero: 17, low: 17, high: 101 },
];

/// Outputs of all kinds of scales: their numbers fill the range, and more.
fn outputs(w: &[u8], k: usize, strides: [usize; 2], count: usize, zero: u8, random: &mut Random) -> Vec<Output> {
    let real = |o: usize, random: &mut Random| match o {
        6 => 1.5,
        7 => 0.5,
        _ => f64::from(random.next() % 1000 + 1) / 250.0 / f64::from(k.max(1) as u32 * 64),
    };
    let new = |o: usize| {
        let bias = random.next() as i32 >> 14;
        Output::new(bias, w, [o * strides[0], strides[1], k], zero, real(o, random))
    };
    (0..count).map(new).collect()
}

fn dots<const BYTES: usize>(x: &[u8], w: &[u8], count: usize, zero: u8, range: Range, random: &mut Random) {
    let k = x.len();
    let outputs = outputs(w, k, [k, 1], count, zero, random);
    let mut packed = vec![0; w.len() * BYTES];
    dot::pack::<BYTES>(w, k, &mut packed);
    // What lies behind the outputs stays.
    let mut y = vec![99; count + 3];
    dot::dots::<BYTES>(x, &packed, &outputs, range, &mut y[..count]);
    for (o, output) in outputs.iter().enumerate() {
        let products = (0..k).map(|i| i64::from(x[i]) * i64::from(w[o * k + i] as i8));
        assert_eq!(y[o], finish(products.sum(), output, range), "output {o} of {count}, {k} inputs, {BYTES} bytes");
    }
    assert_eq!(y[count..], [99; 3]);
}

/// Lengths up to 67, and around the blocks in which sums are taken.
#[test]
fn products() {
    let mut random = Random(1);
    for k in (0..68).chain([255, 256, 257, 258, 300, 511, 512, 513, 784]) {
        for count in 1..10 {
            let range = RANGES[(k + count) % 3];
            let (zero, extreme) = (random.next() as u8, random.next() as usize % 4);
            let (mut x, mut w) = (random.bytes(k), random.bytes(k * count));
            match (k + count) % 4 {
                0 => x.fill(255),
                1 => w.fill([0x80, 0x7F, 0x81, 0][extreme]),
                2 => {
                    x.fill(255);
                    w.fill([0x80, 0x7F, 0x81, 0][extreme]);
                }
                _ => {}
            }
            dots::<1>(&x, &w, count, zero, range, &mut random);
            dots::<2>(&x, &w, count, zero, range, &mut random);
        }
    }
}

fn place<const C: usize, const O: usize, const KH: usize, const KW: usize>(random: &mut Random) {
    let taps = KH * KW;
    let (x, w) = (random.bytes(C * taps), random.bytes(O * taps));
    let outputs = outputs(&w, taps, [1, O], O, 128, random);
    let outputs: &[Output; O] = outputs.as_slice().try_into().unwrap();
    let (places, range) = (x.as_chunks::<C>().0, RANGES[taps % 3]);
    let weights = w.as_chunks::<O>().0.as_chunks::<KW>().0.try_into().unwrap();
    // As rows of bytes, and as references to each place.
    let rows: [&[[u8; C]; KW]; KH] = array::from_fn(|row| places[row * KW..].first_chunk().unwrap());
    let references: [[&[u8; C]; KW]; KH] = array::from_fn(|row| rows[row].each_ref());
    let (mut y, mut of_references) = ([0; O], [0; O]);
    depthwise::place(rows, weights, outputs, range, &mut y);
    depthwise::place(references.each_ref(), weights, outputs, range, &mut of_references);
    for o in 0..O {
        let products = (0..taps).map(|t| i64::from(x[t * C + o / (O / C)]) * i64::from(w[t * O + o] as i8));
        assert_eq!(y[o], finish(products.sum(), &outputs[o], range), "output {o} of {O}, {C} channels, {KH} by {KW}");
    }
    assert_eq!(y, of_references, "{O} outputs, {C} channels, {KH} by {KW}");
}

fn windows<const KH: usize, const KW: usize>(random: &mut Random) {
    place::<1, 1, KH, KW>(random);
    place::<3, 3, KH, KW>(random);
    place::<4, 4, KH, KW>(random);
    place::<16, 16, KH, KW>(random);
    place::<37, 37, KH, KW>(random);
    place::<67, 67, KH, KW>(random);
    place::<1, 5, KH, KW>(random);
    place::<7, 21, KH, KW>(random);
    place::<18, 36, KH, KW>(random);
}

#[test]
fn depthwise_products() {
    let mut random = Random(2);
    windows::<1, 1>(&mut random);
    windows::<3, 3>(&mut random);
    windows::<1, 4>(&mut random);
    windows::<5, 1>(&mut random);
    windows::<2, 9>(&mut random);
    windows::<7, 6>(&mut random);
}

/// All exponents, with halves, and the numbers of the largest absolute values.
#[test]
fn multipliers() {
    let mut random = Random(3);
    for exponent in -31..31 {
        let edges = [1 << 30, (1 << 30) + 1, i32::MAX - 1, i32::MAX];
        for mantissa in edges.into_iter().chain([random.next() as i32 >> 2 | 1 << 30; 3]).map(|m| m & i32::MAX) {
            let by = Multiplier { mantissa, exponent };
            let check = |x: i32| assert_eq!(i128::from(by.apply(x)), scale(x, by), "{x} {by:?}");
            for power in 0..32 {
                for near in -3..4 {
                    check((1_i32 << power).wrapping_add(near));
                    check((1_i32 << power).wrapping_neg().wrapping_add(near));
                }
            }
            for _ in 0..2000 {
                let bits = random.next();
                check(random.next() as i32 >> (bits % 32));
                // Halves: odd multiples of a half of what is shifted away.
                check((bits as i32 | 1).wrapping_shl((-exponent).max(1) as u32 % 32));
            }
        }
    }
    assert_eq!(multiplier::shift_right(-3, 1), -2);
}

/// The multiplier of a mean keeps 29 bits at least, and is cut off.
#[test]
fn multipliers_of_means() {
    let mut random = Random(4);
    for count in (1..70).chain([127, 128, 129, 1000, 9216, 1 << 20]) {
        for exponent in [-31, -28, -12, 0, 5] {
            let by = Multiplier { mantissa: random.next() as i32 >> 2 & i32::MAX | 1 << 30, exponent };
            let of = by.divided(count);
            let shift = u32::from((exponent - of.exponent) as u8);
            assert_eq!(i128::from(of.mantissa), (i128::from(by.mantissa) << shift) / count as i128, "{count} {by:?}");
            assert!(of.exponent == -31 || (1 << 29..=i32::MAX).contains(&of.mantissa), "{count} {by:?} {of:?}");
        }
    }
}

/// A multiplier is the nearest one to its number, rounded half up.
#[test]
fn multiplier_of_a_number() {
    for (real, mantissa, exponent) in [
        (0.0, 0, 0),
        (1.0, 1 << 30, 1),
        (0.5, 1 << 30, 0),
        (0.75, 3 << 29, 0),
        (1.0 - f64::EPSILON, 1 << 30, 1),
        (2_f64.powi(-32), 1 << 30, -31),
        (2_f64.powi(-33), 0, 0),
    ] {
        assert_eq!(Multiplier::new(real), Multiplier { mantissa, exponent }, "{real}");
    }
}

/// All pairs of bytes.
#[test]
fn additions() {
    for (scales, zeros) in [([0.02, 0.03, 0.04], [128, 3, 200]), ([0.1, 0.001, 0.05], [0, 255, 17])] {
        let twice = 2.0 * f64::max(scales[0], scales[1]);
        let sum = Sum {
            zeros: [zeros[0], zeros[1]],
            inputs: [Multiplier::new(scales[0] / twice), Multiplier::new(scales[1] / twice)],
            output: Multiplier::new(twice / (f64::from(1 << 20) * scales[2])),
            range: Range { zero: zeros[2], low: 10, high: 250 },
        };
        for (a, b) in (0..=255).flat_map(|a| (0..=255).map(move |b| (a, b))) {
            let scaled = |x: u8, i: usize| scale((i32::from(x) - i32::from(zeros[i])) << 20, sum.inputs[i]);
            let want = scale((scaled(a, 0) + scaled(b, 1)) as i32, sum.output) + i128::from(zeros[2]);
            assert_eq!(sum.byte(a, b), want.clamp(10, 250) as u8, "{a} + {b}");
        }
    }
}
