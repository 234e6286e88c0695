//! Laws of all readers and writers: what is read can be written in every form, and read again as the same; text of a file stays
//! text.
#![cfg(all(feature = "keras", feature = "onnx"))]

/// What is written for [`every_kind`]: that it compiles is part of the test.
#[rustfmt::skip]
#[path = "generated/net.rs"]
mod generated;

use baregrad::prelude::{Params, Rng, SeedableRng, Sfc32};
use baregrad_convert::{Activation, Layer, Model, NameMap};
use std::fs;
use std::path::Path;
use syn::{Expr, Item, Lit, Meta};

fn below(rng: &mut Sfc32, n: u32) -> usize {
    (rng.next_u32() % n) as usize
}

fn floats(rng: &mut Sfc32, count: usize) -> Vec<f32> {
    // All finite ones are equally likely, so that most are very large or very small.
    let finite = || std::iter::repeat_with(|| f32::from_bits(rng.next_u32())).find(|x| x.is_finite());
    std::iter::repeat_with(finite).map(Option::unwrap).take(count).collect()
}

fn activation(rng: &mut Sfc32) -> Activation {
    match Activation::all().nth(below(rng, 16)).unwrap() {
        Activation::LeakyRelu(_) => Activation::LeakyRelu(rng.next_u32() % 1_000_001),
        other => other,
    }
}

/// A net as a file may have it: it may begin with any kind of layer.
fn random(rng: &mut Sfc32) -> Model {
    let mut width = 1 + below(rng, 5);
    let mut model = Model::new(width);
    for _ in 0..below(rng, 7) {
        model.layers.push(match below(rng, 5) {
            0 | 1 => {
                let (inputs, outputs) = (width, 1 + below(rng, 5));
                width = outputs;
                let (w, b) = (floats(rng, inputs * outputs), floats(rng, outputs));
                Layer::Dense { inputs, outputs, activation: activation(rng), w, b }
            }
            2 => Layer::LayerNorm {
                epsilon: floats(rng, 1)[0].abs(),
                gamma: floats(rng, width),
                beta: floats(rng, width),
            },
            3 => Layer::Rescale { offset: floats(rng, width), scale: floats(rng, width) },
            _ if below(rng, 2) == 0 => Layer::Dropout(rng.next_u32() % 100),
            _ => Layer::Activate(activation(rng)),
        });
    }
    model
}

/// What has been read is written in every form, and read again.
fn is_read_again(model: &Model) {
    assert_eq!(&Model::of_onnx(&model.to_onnx()).unwrap(), model);
    is_read_again_with_types(model);
}

/// In the forms that keep an activation behind a `Dense` as a layer of its own, as `--net` may have it.
fn is_read_again_with_types(model: &Model) {
    let types = model.types();
    assert_eq!(&Model::of_bytes(&model.to_bytes(), &types).unwrap(), model);
    for names in [NameMap::pytorch(), NameMap::keras(), NameMap::baregrad()] {
        let bytes = model.to_safetensors(&names).unwrap();
        assert_eq!(&Model::of_safetensors(&bytes, None, &names).unwrap(), model);
        assert_eq!(&Model::of_safetensors(&bytes, Some(&types), &names).unwrap(), model);
    }
    is_of_source(model, &model.to_rust("a.onnx", "a.bgrd", Some(&vec![0.5; model.inputs])));
}

/// Reads Rust source: the type, and each ε.
fn is_of_source(model: &Model, text: &str) {
    let file = syn::parse_file(text).unwrap();
    assert_eq!((file.items.len(), file.attrs.len()), (4, 1), "{text}");
    let chain = &text[text.find("chain![").unwrap()..];
    let mut read = Model::of_types(&chain[..=chain.find(']').unwrap()], 1 << 20).unwrap();
    assert_eq!(read.inputs, model.inputs);
    for line in text.lines().filter(|line| line.contains(".epsilon = ")) {
        let (place, value) = line.trim().trim_end_matches(';').split_once(".epsilon = ").unwrap();
        let at = place.matches(".1").count();
        assert_eq!(place.ends_with(".0"), at + 1 < read.layers.len(), "{line}");
        let Some(Layer::LayerNorm { epsilon, .. }) = read.layers.get_mut(at) else { panic!("{line}") };
        *epsilon = value.parse().unwrap();
    }
    assert_eq!(read.types(), model.types());
}

#[test]
fn what_is_read_can_be_written_in_every_form() {
    let mut rng = Sfc32::seed_from_u64(17);
    let mut first = [0; 4];
    for _ in 0..500 {
        let written = random(&mut rng);
        match written.layers.first() {
            None => first[0] += 1,
            Some(Layer::Activate(_)) => first[1] += 1,
            Some(Layer::Dropout(_)) => first[2] += 1,
            _ => first[3] += 1,
        }
        is_read_again(&Model::of_onnx(&written.to_onnx()).unwrap());
        match Model::of_types(&written.types(), 1000) {
            Ok(zeros) => {
                assert_eq!(zeros.types(), written.types());
                is_read_again_with_types(&written);
            }
            Err(_) => assert!(!matches!(
                written.layers.first(),
                Some(Layer::Dense { .. } | Layer::LayerNorm { .. } | Layer::Rescale { .. })
            )),
        }
    }
    assert!(first.iter().all(|count| *count > 10), "{first:?}");
}

#[test]
fn the_models_of_other_frameworks_too() {
    let mut count = 0;
    for folder in ["models", "tests/cases"] {
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let model = match path.extension().and_then(|extension| extension.to_str()) {
                Some("keras") => Model::of_keras(&fs::read(&path).unwrap()),
                Some("h5") => Model::of_h5(&fs::read(&path).unwrap()),
                Some("onnx") => Model::of_onnx_file(&path),
                _ => continue,
            };
            model.iter().for_each(is_read_again);
            count += model.is_ok() as usize;
        }
    }
    assert!(count >= 13, "{count}");
}

/// All kinds of layers, of which the first says how many numbers it takes only because it has been read.
fn every_kind() -> Model {
    let rows = |from: f32| (0..3).map(|i| from + i as f32).collect::<Vec<_>>();
    let norm = |epsilon| Layer::LayerNorm { epsilon, gamma: rows(2.0), beta: rows(-1.0) };
    let (w, activation) = (rows(0.25).repeat(3), Activation::LeakyRelu(123));
    let mut model = Model::new(3);
    model.layers = vec![
        Layer::Activate(Activation::Tanh),
        Layer::Dropout(7),
        norm(1e-5),
        Layer::Dense { inputs: 3, outputs: 3, activation, w, b: rows(0.5) },
        norm(1e-3),
        Layer::Rescale { offset: rows(3.0), scale: rows(1e-30) },
        norm(1e-12),
    ];
    Model::of_onnx(&model.to_onnx()).unwrap()
}

/// A file's name that tries to be code.
const HOSTILE: &str = "a.onnx\npub fn f() {}\r*/ \" `\\ \u{2028}\u{202e}";

#[test]
fn source_that_is_written_compiles() {
    let model = every_kind();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generated");
    let text = model.to_rust(HOSTILE, "net.bgrd", Some(&[1.0, -2.5, 1e-40]));
    // Once more after a change of what is written: `UPDATE=1 cargo test --test laws`.
    if std::env::var_os("UPDATE").is_some() {
        fs::write(folder.join("net.rs"), &text).unwrap();
        fs::write(folder.join("net.bgrd"), model.to_bytes()).unwrap();
    }
    assert_eq!(text, include_str!("generated/net.rs"));
    assert_eq!(model.to_bytes(), include_bytes!("generated/net.bgrd"));
    let mut tensors = Vec::new();
    generated::NET.tensors(0, &mut |name, values| tensors.push((name.layer, name.tensor, values.to_vec())));
    let own: Vec<_> = model.tensors().iter().map(|t| (t.layer, t.tensor, t.values.to_vec())).collect();
    assert_eq!(tensors, own);
    let net = &generated::NET.1.1.1;
    assert_eq!([net.0.epsilon, net.1.1.0.epsilon, net.1.1.1.1.epsilon], [1e-5, 1e-3, 1e-12]);
    assert_eq!(generated::SAMPLE, [1.0, -2.5, 1e-40]);
}

#[test]
fn names_of_files_stay_text() {
    const PARTS: [&str; 24] = [
        "\n",
        "\r",
        "\r\n",
        "*/",
        "/*",
        "//",
        "\"",
        "'",
        "`",
        "\\",
        "\\\"",
        "\u{2028}",
        "\u{2029}",
        "\u{85}",
        "\u{202e}",
        "\u{2066}",
        "\u{feff}",
        "\0",
        "{}",
        "}",
        "pub fn f() {}",
        "é",
        "\u{301}",
        "#![x]",
    ];
    let mut rng = Sfc32::seed_from_u64(20);
    let model = every_kind();
    let text = |rng: &mut Sfc32| (0..below(rng, 8)).map(|_| PARTS[below(rng, 24)]).collect::<String>();
    for _ in 0..300 {
        let (origin, file) = (text(&mut rng), text(&mut rng));
        let source = model.to_rust(&origin, &file, Some(&[f32::NAN, f32::INFINITY, f32::NEG_INFINITY]));
        is_of_source(&model, &source);
        // Nothing but what is seen, and each line is one.
        let hidden = |c: char| c != '\n' && (c.is_control() || "\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}".contains(c));
        assert!(!source.contains(hidden), "{source}");
        // The names are all there, as literals.
        let parsed = syn::parse_file(&source).unwrap();
        let Meta::NameValue(comment) = &parsed.attrs[0].meta else { panic!("{source}") };
        let Expr::Lit(comment) = &comment.value else { panic!("{source}") };
        let Lit::Str(comment) = &comment.lit else { panic!("{source}") };
        let literal = comment.value();
        let literal = literal.strip_prefix(" Made by baregrad-convert from ").unwrap();
        let literal = literal.strip_suffix(": make it again instead of changing it.").unwrap();
        assert_eq!(syn::parse_str::<syn::LitStr>(literal).unwrap().value(), origin);
        let Item::Static(net) = &parsed.items[2] else { panic!("{source}") };
        assert_eq!(net.ident, "NET");
        assert!(source.contains(&format!("include_model!(Net, {file:?})")), "{source}");
        assert_eq!(syn::parse_str::<syn::LitStr>(&format!("{file:?}")).unwrap().value(), file);
    }
}

#[cfg(feature = "cli")]
#[test]
fn the_program_puts_no_name_into_code() {
    let folder = std::env::temp_dir().join(format!("baregrad-convert-laws-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (input, output) = (folder.join("a\npub fn f() {}\n.onnx"), folder.join("net.rs"));
    fs::write(&input, every_kind().to_onnx()).unwrap();
    let program = std::process::Command::new(env!("CARGO_BIN_EXE_baregrad-convert"));
    let ran = { program }.arg(&input).arg("--rust").arg(&output).output().unwrap();
    let text = fs::read_to_string(&output).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert!(ran.status.success(), "{ran:?}");
    assert_eq!(syn::parse_file(&text).unwrap().items.len(), 3, "{text}");
}
