//! Small nets for Python. `docs/nets.md` has the guide.

mod menu;
mod model;

use baregrad::Fit;
use model::{Entry, Model, ROOM, Targets};
use numpy::{PyArray2, PyArrayDyn, PyArrayMethods, PyReadonlyArray1, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use std::fmt::Display;
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How often a training looks for Ctrl-C.
const SIGNALS: Duration = Duration::from_millis(100);

const NO_CLASSES: &str = "y must be class numbers: one integer from 0 to 65535 per sample";

fn invalid(error: impl Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

fn entry(name: &str) -> PyResult<&'static Entry> {
    menu::entries()
        .find(|entry| entry.name == name)
        .ok_or_else(|| invalid(format!("no net is called {name:?}: baregrad.menu() lists them")))
}

/// The names of all nets.
#[pyfunction(name = "menu")]
fn names() -> Vec<&'static str> {
    menu::entries().map(|entry| entry.name).collect()
}

/// Bytes that a device needs to train a net with Adam in batches of this size: weights, moments, activations, everything. It is
/// a constant, so nothing is made or trained. Sizes between powers of two are rounded up to the next one.
#[pyfunction]
#[pyo3(signature = (net, batch_size=1))]
fn memory(net: &str, batch_size: usize) -> PyResult<usize> {
    let entry = entry(net)?;
    if batch_size == 0 {
        return Err(invalid("batch of 0 samples"));
    }
    let power = batch_size.checked_next_power_of_two().map_or(usize::MAX, |room| room.ilog2() as usize);
    let memory = entry.memory.get(power);
    memory.copied().ok_or_else(|| invalid(format!("batch of {batch_size} samples, but a net takes 1 to {ROOM}")))
}

/// The mean of files with weights of one net, weighted by the number of samples that each has learnt from: the global net of
/// federated averaging. The bits depend on the order of the files.
#[pyfunction]
fn weighted_mean<'py>(
    py: Python<'py>,
    net: &str,
    files: Vec<Bound<'py, PyBytes>>,
    samples: Vec<u32>,
) -> PyResult<Bound<'py, PyBytes>> {
    if files.len() != samples.len() {
        return Err(invalid(format!("{} files, but {} numbers of samples", files.len(), samples.len())));
    }
    let files: Vec<_> = files.iter().map(|file| file.as_bytes()).zip(samples).collect();
    Ok(PyBytes::new(py, &(entry(net)?.mean)(&files).map_err(invalid)?))
}

/// A net of the menu with its training: Net(name, seed=0).
#[pyclass(frozen, module = "baregrad")]
struct Net {
    entry: &'static Entry,
    model: Mutex<Box<dyn Model>>,
}

impl Net {
    /// The model, if no other thread uses it.
    fn model(&self) -> PyResult<MutexGuard<'_, Box<dyn Model>>> {
        self.model.try_lock().map_err(|_| PyRuntimeError::new_err("another thread is using this net"))
    }

    /// Samples as floats in C order. NumPy makes a copy only if they are not.
    fn samples<'py>(&self, x: &Bound<'py, PyAny>) -> PyResult<(usize, PyReadonlyArrayDyn<'py, f32>)> {
        let input = self.entry.input;
        let x = floats(x)?;
        let (samples, shape) = x.shape().split_first().unwrap_or((&0, &[]));
        if shape != input && *shape != [input.iter().product::<usize>()] {
            let (found, name) = (x.shape(), self.entry.name);
            return Err(invalid(format!(
                "x has the shape {found:?}, but {name:?} takes samples of the shape {input:?}"
            )));
        }
        let (samples, x) = (*samples, x.try_readonly()?);
        finite("x", samples, &x)?;
        Ok((samples, x))
    }
}

/// Whatever NumPy makes an array of, as floats in C order.
fn floats<'py>(values: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArrayDyn<f32>>> {
    let numpy = values.py().import("numpy")?;
    // NumPy would drop their imaginary parts with a mere warning.
    if numpy.call_method1("iscomplexobj", (values,))?.is_truthy()? {
        return Err(invalid("a net takes no complex numbers"));
    }
    Ok(numpy.call_method1("ascontiguousarray", (values, "float32"))?.cast_into()?)
}

/// Refuses NaN and infinity.
fn finite(what: &str, samples: usize, values: &PyReadonlyArrayDyn<'_, f32>) -> PyResult<()> {
    let values = values.as_slice()?;
    match values.iter().position(|value| !value.is_finite()) {
        Some(place) => {
            let (sample, value) = (place / (values.len() / samples).max(1), values.get(place).unwrap_or(&f32::NAN));
            Err(invalid(format!("sample {sample} of {what} has a number that is {value}")))
        }
        None => Ok(()),
    }
}

#[pymethods]
impl Net {
    #[new]
    #[pyo3(signature = (name, seed=0))]
    fn new(name: &str, seed: u64) -> PyResult<Self> {
        let entry = entry(name)?;
        let mut model = (entry.model)();
        model.init(seed);
        Ok(Net { entry, model: Mutex::new(model) })
    }

    /// Draws new weights, and begins a new training.
    fn init(&self, seed: u64) -> PyResult<()> {
        self.model()?.init(seed);
        Ok(())
    }

    /// Goes on with the training: (samples, ...) inputs; class numbers or (samples, outputs) values as targets. Returns the mean
    /// loss of the last epoch. Python's other threads run meanwhile; they must not change the arrays.
    #[pyo3(signature = (x, y, epochs=1, batch_size=32, shuffle=true))]
    fn fit(
        &self,
        py: Python<'_>,
        x: &Bound<'_, PyAny>,
        y: &Bound<'_, PyAny>,
        epochs: usize,
        batch_size: usize,
        shuffle: bool,
    ) -> PyResult<f32> {
        let (samples, x) = self.samples(x)?;
        let x = x.as_slice()?;
        let fit = Fit { epochs, batch_size, shuffle };
        let mut model = self.model()?;
        let model = model.as_mut();
        if self.entry.classifies {
            // In place if they are `uint16`, else number by number, each of which must be an integer.
            let array = y.extract::<PyReadonlyArray1<'_, u16>>().ok();
            let in_place = array.as_ref().and_then(|y| y.as_slice().ok());
            let copy = if in_place.is_none() { y.extract().map_err(|_| invalid(NO_CLASSES))? } else { Vec::new() };
            return run(py, model, x, Targets::Classes(in_place.unwrap_or(&copy)), &fit);
        }
        let y = floats(y)?;
        let outputs = self.entry.outputs;
        if y.shape() != [samples, outputs] && (outputs > 1 || y.shape() != [samples]) {
            let found = y.shape();
            return Err(invalid(format!("y has the shape {found:?}, but [{samples}, {outputs}] is needed")));
        }
        let y = y.try_readonly()?;
        finite("y", samples, &y)?;
        run(py, model, x, Targets::Values(y.as_slice()?), &fit)
    }

    /// The outputs for some inputs, as an array (samples, outputs). A classifier's are logits.
    fn predict<'py>(&self, py: Python<'py>, x: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let (samples, x) = self.samples(x)?;
        let x = x.as_slice()?;
        let y = PyArray2::zeros(py, [samples, self.entry.outputs], false);
        let mut out = y.try_readwrite()?;
        let out = out.as_slice_mut()?;
        let mut model = self.model()?;
        let model = model.as_mut();
        py.detach(|| model.predict(x, out));
        Ok(y)
    }

    /// The weights as a file of baregrad, or a checkpoint, from which a training goes on to the same bits.
    #[pyo3(signature = (checkpoint=false))]
    fn save<'py>(&self, py: Python<'py>, checkpoint: bool) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.model()?.save(checkpoint).map_err(invalid)?))
    }

    /// Reads such a file. One that is damaged, or of another net, changes nothing.
    fn load(&self, file: &[u8]) -> PyResult<()> {
        self.model()?.load(file).map_err(invalid)
    }

    /// Adam's learning rate.
    #[getter]
    fn learning_rate(&self) -> PyResult<f32> {
        Ok(*self.model()?.learning_rate())
    }

    #[setter]
    fn set_learning_rate(&self, rate: f32) -> PyResult<()> {
        if !(rate > 0.0 && rate.is_finite()) {
            return Err(invalid(format!("the learning rate is {rate}: it must be above 0, and finite")));
        }
        *self.model()?.learning_rate() = rate;
        Ok(())
    }

    #[getter]
    fn name(&self) -> &str {
        self.entry.name
    }

    /// Whether it is a classifier. The others are regressors.
    #[getter]
    fn classifies(&self) -> bool {
        self.entry.classifies
    }

    /// The shape of one sample.
    #[getter]
    fn input_shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.entry.input)
    }

    #[getter]
    fn outputs(&self) -> usize {
        self.entry.outputs
    }

    #[getter]
    fn parameters(&self) -> usize {
        self.entry.parameters
    }

    fn __repr__(&self) -> String {
        format!("Net({:?})", self.entry.name)
    }

    // For pickling and copying.
    fn __getnewargs__(&self) -> (&str,) {
        (self.entry.name,)
    }

    fn __getstate__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.save(py, true)
    }

    fn __setstate__(&self, file: &[u8]) -> PyResult<()> {
        self.load(file)
    }
}

/// Trains without the lock of the interpreter, and looks for Ctrl-C from time to time.
fn run(py: Python<'_>, model: &mut dyn Model, x: &[f32], targets: Targets<'_>, fit: &Fit) -> PyResult<f32> {
    py.detach(|| {
        let (mut looked, mut signal) = (Instant::now(), Ok(()));
        let loss = model.fit(x, targets, fit, &mut || {
            if looked.elapsed() > SIGNALS {
                signal = Python::attach(|py| py.check_signals());
                looked = Instant::now();
            }
            if signal.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        signal?;
        loss.map_err(invalid)
    })
}

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::{Net, memory, names, weighted_mean};
}
