//! The report for people.

use crate::{Findings, bits::Bits};

const PROGRAMS: &[(&str, &str)] = &[
    ("u1", "U1: inference of 16→32 tanh→4, weights in flash"),
    ("u2", "U2: training steps of the same net with Adam, one sample each"),
    ("u3", "U3: inference of 784→128 ReLU→10 in int8, one byte per weight; 101,632 multiply-adds"),
    ("u3_two", "U3 with two bytes per weight"),
    ("u4", "U4: a convolution 3×3 of int8, 8→16 channels on 16×16, one byte per weight; 294,912 multiply-adds"),
    ("u4_two", "U4 with two bytes per weight"),
    ("ds_cnn_int8", "DS-CNN in int8, one byte per weight; 2,656,768 multiply-adds"),
    ("ds_cnn_int8_two", "DS-CNN in int8 with two bytes per weight"),
    ("tiny8", "Inference of 32→16 ReLU→4 in int8"),
    ("u5", "U5: a step of a stream through GRU 6→32 and dense 32→6, weights in flash"),
    ("u5_train", "U5: training of the same net with Adam, 16 steps of truncated backpropagation through time"),
    ("norm", "U2 with a layer normalisation between its layers"),
    ("digits", "Digits: inference of 64→32 ReLU→10, weights in flash"),
    ("xor", "XOR: training from random weights"),
    ("adapt", "Adapt: the last layer of the digits trained anew"),
    ("anomaly", "Anomaly: a GRU that learns a vibration on the device, from a stream"),
    ("gesture", "Gesture: a frame of a stream; the head is trained for its wearer"),
    ("ds_cnn", "DS-CNN: inference, weights in flash"),
    ("ds_cnn_in_place", "DS-CNN: the same, its blocks in the place of their input"),
    ("ds_cnn_head", "DS-CNN: a training step of the head with Adam"),
    ("ds_cnn_block", "DS-CNN: a training step of the last block and the head with Adam"),
    ("ds_cnn_blocks", "DS-CNN: a training step of the last two blocks and the head with SGD"),
    ("ds_cnn_all", "DS-CNN: a training step of the whole net with SGD, its blocks recomputed"),
];

/// As Markdown.
pub fn markdown(found: &Findings, bits: &Bits, compiler: &str) -> String {
    let rows = &found.rows;
    let mut text = format!(
        "# Report\n\nWritten by `cargo run -p report`, with {compiler}; `docs/firmware.md` says how to read it. All programs \
         did what they should on all boards, but for those at the end. No image has a symbol of `core::panicking`, `core::fmt` or an allocator; those of U1 and \
         of the digits have no function of training.\n"
    );
    for (program, title) in PROGRAMS {
        text += &format!(
            "\n## {title}\n\n| board | core | profile | instructions | code | constants | RAM | stack | weights |\n\
             |---|---|---|--:|--:|--:|--:|--:|---|\n"
        );
        for row in rows.iter().filter(|row| row.program == *program) {
            let count = row.instructions.map_or("–".into(), grouped);
            let profile = match row.profile.as_str() {
                "release" => "Cargo's release",
                "lto" => "fat LTO",
                level => level,
            };
            let weights = if row.weights.is_empty() { "–" } else { &row.weights };
            text += &format!(
                "| {} | {} | {profile} | {count} | {} | {} | {} | {} | {weights} |\n",
                row.board,
                row.core,
                grouped(row.code),
                grouped(row.constants),
                grouped(row.ram),
                grouped(row.stack),
            );
        }
    }
    text += "\n## The same bits\n\nWith the feature `strict`: 10,000 values of each activation function, and weights after \
             100 training steps of two nets.\n\n| machine | bits |\n|---|---|\n";
    for row in &bits.rows {
        let different = bits.rows.first().map_or(Vec::new(), |first| row.differences(first));
        let outcome = if different.is_empty() { "the same".into() } else { format!("other: {}", different.join(", ")) };
        text += &format!("| {} | {outcome} |\n", row.machine);
    }
    if !found.notes.is_empty() {
        text += "\n## Programs that end wrongly\n\n";
        found.notes.iter().for_each(|note| text += &format!("- {note}\n"));
    }
    let reasons: Vec<_> = rows.iter().filter(|row| !row.reason.is_empty()).collect();
    if !reasons.is_empty() {
        text += "\n## Figures that have risen\n\n";
        for row in reasons {
            text += &format!("- {} {} ({}): {}\n", row.board, row.program, row.profile, row.reason);
        }
    }
    text
}

/// 1,234,567.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut groups: Vec<&str> = if first > 0 { vec![&digits[..first]] } else { Vec::new() };
    groups.extend(digits.as_bytes()[first..].chunks(3).filter_map(|group| str::from_utf8(group).ok()));
    groups.join(",")
}
