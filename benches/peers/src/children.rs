//! Peers that are programs of their own, in C++ and Python: they answer questions on their standard input, a line each.
//!
//! First a program gives its name. When asked for a row it gives what it computes, or an empty line if it has no such
//! row; when asked for a number of calls it gives the nanoseconds that these take.

use crate::rows::Run;
use crate::table::{Entrant, MISSING};
use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

/// Beside this program, where `run` builds them.
const PROGRAMS: [(&str, &str); 4] = [
    ("Eigen, clang", "eigen-clang++"),
    ("Eigen, gcc", "eigen-g++"),
    ("libxsmm", "libxsmm-clang++"),
    ("RTNeural", "rtneural-g++"),
];
/// What `peers.py` calls them.
const PYTHON: [(&str, &str); 6] = [
    ("LiteRT", "litert"),
    ("ONNX Runtime", "onnxruntime"),
    ("PyTorch", "torch"),
    ("JAX", "jax"),
    ("JAX in jit", "jit"),
    ("Keras", "keras"),
];

pub struct Peer {
    name: String,
    pipe: Option<Rc<RefCell<Pipe>>>,
}

struct Pipe {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// All of them, with those that are missing.
pub fn start() -> Vec<Peer> {
    let here = std::env::current_exe().unwrap();
    let programs = PROGRAMS.map(|(name, program)| Peer::start(name, &mut Command::new(here.with_file_name(program))));
    let python = PYTHON.map(|(name, argument)| {
        let mut command = Command::new("target/venv/bin/python");
        Peer::start(name, command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["peers.py", argument]))
    });
    programs.into_iter().chain(python).collect()
}

impl Peer {
    fn start(name: &str, command: &mut Command) -> Peer {
        let mut start = || {
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
            let (questions, answers) = (child.stdin.take()?, BufReader::new(child.stdout.take()?));
            let mut pipe = Pipe { child, questions, answers };
            Some((pipe.answer()?, pipe))
        };
        match start() {
            Some((name, pipe)) => Peer { name, pipe: Some(Rc::new(RefCell::new(pipe))) },
            None => Peer { name: format!("{name}{MISSING}"), pipe: None },
        }
    }

    pub fn row(&self, row: &str) -> Entrant {
        (self.name.clone(), self.pipe.as_ref().and_then(|pipe| run(pipe, row)))
    }
}

fn run(pipe: &Rc<RefCell<Pipe>>, row: &str) -> Option<Run> {
    let answer = pipe.borrow_mut().ask(row);
    let result: Vec<f32> = answer.split_whitespace().map(|x| x.parse().unwrap()).collect();
    let pipe = Rc::clone(pipe);
    let turn = move |calls: u32| {
        let ns: f64 = pipe.borrow_mut().ask(&calls.to_string()).parse().unwrap();
        Duration::from_secs_f64(ns / 1e9)
    };
    (!result.is_empty()).then(|| Run { result, turn: Box::new(turn) })
}

impl Pipe {
    /// The next line, or none if the program has ended.
    fn answer(&mut self) -> Option<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.ends_with('\n').then(|| line.trim_end().to_owned())
    }

    fn ask(&mut self, question: &str) -> String {
        writeln!(self.questions, "{question}").unwrap();
        self.answer().expect("the program is still there")
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
