//! Runs the images of a board and measures them.

use crate::bits::Hashes;
use crate::boards::Board;
use crate::build::Images;
use crate::figures::Row;
use crate::image::Image;
use crate::run::{Figures, emulate, parse};
use crate::{Findings, Result};
use std::collections::BTreeMap;

/// All figures of a board, and its hashes.
pub fn board(board: &Board, images: &Images) -> Result<(Findings, Vec<Hashes>)> {
    let mut found = Findings::default();
    let mut counted = BTreeMap::new();
    let mut empty = BTreeMap::new();
    for (program, profile, file) in &images.measured {
        let (passed, output) = emulate(board.machine, file)?;
        if board.miscompiled.contains(program) {
            found
                .notes
                .extend((!passed).then(|| format!("{} {program}: wrong, by a fault of the compiler", board.name)));
        } else {
            found.expect(passed, || format!("{} {program} ({profile}): {output}", board.name));
        }
        let figures: Figures = parse(&output).collect();
        let image = Image::read(file)?;
        found.failures.extend(image.forbidden().map(|name| format!("{} {program} has {name}", board.name)));
        // Those of inference only have no function of training; that of training has, or nothing is proved.
        let training = image.training();
        match *program {
            "u1" | "u3" | "u3_two" | "u4" | "u4_two" | "u5" | "ds_cnn_int8" | "ds_cnn_int8_two" | "tiny8"
            | "digits" | "ds_cnn" | "ds_cnn_in_place" => {
                found.failures.extend(training.iter().map(|name| format!("{} {program} has {name}", board.name)))
            }
            "u2" => found.expect(!training.is_empty(), || format!("{} u2: no training is seen", board.name)),
            _ => {}
        }
        // What is trained begins as zeros, and takes no flash.
        if ["u2", "u5_train", "anomaly", "gesture", "ds_cnn_head", "ds_cnn_block", "ds_cnn_blocks", "ds_cnn_all"]
            .contains(program)
        {
            found.expect(image.sizes.data == 0, || {
                format!("{} {program} has {} bytes of .data", board.name, image.sizes.data)
            });
        }
        let empty = &*empty.entry(*profile).or_insert(image.sizes);
        if *program == "bench" {
            counted.extend(figures.into_iter().map(|(name, count)| ((*profile, name), count)));
        } else if *program != "empty" {
            found.rows.push(Row {
                board: board.name.into(),
                core: board.core.into(),
                program: (*program).into(),
                profile: (*profile).into(),
                instructions: figures.get("instructions").copied(),
                code: image.sizes.code - empty.code,
                constants: image.sizes.constants - empty.constants,
                ram: image.sizes.ram,
                stack: figures.get("stack").copied().unwrap_or(0),
                weights: figures.get("weights").map_or(String::new(), |hash| format!("{hash:08x}")),
                reason: String::new(),
            });
        }
    }
    for row in &mut found.rows {
        row.instructions = row.instructions.or(counted.get(&(row.profile.as_str(), row.program.clone())).copied());
    }
    let (passed, output) = emulate(board.machine, &images.hash)?;
    found.expect(passed, || format!("{} hash: {output}", board.name));
    let hashes =
        Hashes { machine: format!("{}, {}", board.name, board.core), exact: board.exact, of: parse(&output).collect() };
    Ok((found, vec![hashes]))
}
