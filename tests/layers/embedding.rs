//! Embeddings: tokens outside of the table, tokens that come again, and padding.

use crate::common::numbers::tensors;
use crate::common::{passes, weights};
use baregrad::prelude::*;
use baregrad::tensor::Yes;

type Tokens = [f32; 6];
type Vectors = Sequence<6, 3>;
type Table<O = ()> = Embedding<Tokens, Vectors, 5, O>;

const X: [Tokens; 2] = [[3.0, 1.0, 3.0, 0.0, 4.0, 3.0], [1.0, -1.0, 5.0, f32::NAN, 2.5, 0.0]];

/// The rows of these tokens.
const ROWS: [[Option<usize>; 6]; 2] =
    [[Some(3), Some(1), Some(3), Some(0), Some(4), Some(3)], [Some(1), None, None, None, Some(2), Some(0)]];

#[test]
fn vectors_of_tokens() {
    let layer: Table = weights::random(1);
    let want = ROWS.map(|rows| rows.map(|row| row.map_or([0.0; 3], |row| layer.table[row])));
    assert_eq!(passes::infer(&layer, &X), want);
    let layer: Table<Masked> = weights::random(1);
    let of_row = |row: Option<usize>| row.filter(|row| *row > 0).map_or([0.0; 3], |row| layer.table[row]);
    assert_eq!(passes::infer(&layer, &X), ROWS.map(|rows| rows.map(of_row)));
}

/// The gradient of a row is the sum over the places of its token, in their order.
fn gradient_of_rows<O>(first: usize)
where
    Table<O>: baregrad::net::Layer<Tokens, Y = Vectors>,
{
    let dy: Vec<Vectors> = tensors(2, 8);
    let passed =
        passes::train::<3, Yes, Tokens, Table<O>>(&weights::random(1), &X, None, &|_, to| to.copy_from_slice(&dy));
    let mut want = [[0.0; 3]; 5];
    for (row, dy) in ROWS.as_flattened().iter().zip(dy.as_flattened()) {
        if let Some(row) = row.filter(|row| *row >= first) {
            want[row].iter_mut().zip(dy).for_each(|(sum, dy)| *sum += dy);
        }
    }
    assert_eq!(passed.gradient, want.as_flattened());
    assert_eq!(passed.dx, [[0.0; 6]; 2]);
}

#[test]
fn gradients_of_rows() {
    gradient_of_rows::<()>(0);
    gradient_of_rows::<Masked>(1);
}

/// A masked layer takes the vectors of token 0 for padding.
#[test]
fn tokens_of_padding() {
    type Net<const T: usize> =
        chain![Embedding<[f32; T], Sequence<T, 3>, 5, Masked>, Gru<Sequence<T, 3>, [f32; 4], Masked>];
    let mut short = Net::<2>::NEW;
    let long: Net<5> = weights::random(1);
    short.copy_from(&long);
    let (short, long) = (passes::infer(&short, &[[3.0, 1.0]]), passes::infer(&long, &[[3.0, 1.0, 0.0, 0.0, 0.0]]));
    assert_eq!(short, long);
}
