//! A file of TensorFlow Lite as it is, before anything is converted.

use super::operator::{Kind, name};
use super::table::{Budget, Table};
use crate::error::Error;
use std::borrow::Cow;

/// A file: its graphs, of which the first one is the net, with all numbers where they lie in the bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct File<'a> {
    /// Its graphs. Operators of control flow name others than the first one.
    pub graphs: Vec<Graph<'a>>,
    /// Bytes of the file.
    pub size: usize,
}

/// A graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph<'a> {
    /// Its tensors.
    pub tensors: Vec<Tensor<'a>>,
    /// Which tensors it takes.
    pub inputs: Vec<usize>,
    /// Which tensors it gives.
    pub outputs: Vec<usize>,
    /// Its operators, in the order in which they run.
    pub operators: Vec<Operator<'a>>,
}

/// A tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor<'a> {
    /// Its name. Some files have none.
    pub name: Cow<'a, str>,
    /// Its length along each axis; −1 is any length, such as that of the batch.
    pub shape: Vec<i32>,
    /// The type of its numbers.
    pub kind: Type,
    /// What the integers stand for, if it is quantised.
    pub quantized: Option<Quantized>,
    /// Its numbers, if it is a constant.
    pub data: Option<&'a [u8]>,
    /// Whether it is kept from one run to the next: a state, zero at first.
    pub is_variable: bool,
    /// Whether zeros are left out of the numbers.
    pub is_sparse: bool,
    /// Whether it is what `DEQUANTIZE` makes of a constant, whose numbers and type are here.
    pub is_widened: bool,
}

/// What integers q stand for: (q − zero point) · scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantized {
    /// One scale, or one for each place along the axis.
    pub scale: Vec<f32>,
    /// As many zero points.
    pub zero_point: Vec<i64>,
    /// The axis of the channels, if there are several scales.
    pub axis: usize,
}

/// The type of a tensor's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Type {
    Float32,
    Float16,
    Int32,
    Uint8,
    Int64,
    Bool,
    Int16,
    Int8,
    Float64,
    /// Another one, by its number.
    Other(i8),
}

/// An operator of a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Operator<'a> {
    /// TensorFlow's name, or a custom operator's own.
    pub name: Cow<'a, str>,
    /// The operator's version.
    pub version: i32,
    /// What it is.
    pub kind: Kind,
    /// Which tensors it takes; some are left out.
    pub inputs: Vec<Option<usize>>,
    /// Which tensors it gives.
    pub outputs: Vec<usize>,
    /// Which tensors say how its inner numbers are quantised.
    pub intermediates: Vec<usize>,
}

impl Type {
    fn of(code: i8) -> Self {
        use Type::*;
        match code {
            0 => Float32,
            1 => Float16,
            2 => Int32,
            3 => Uint8,
            4 => Int64,
            6 => Bool,
            7 => Int16,
            9 => Int8,
            10 => Float64,
            _ => Other(code),
        }
    }

    /// Bytes of a number, if they are known.
    fn bytes(self) -> Option<usize> {
        use Type::*;
        match self {
            Uint8 | Bool | Int8 => Some(1),
            Float16 | Int16 => Some(2),
            Float32 | Int32 => Some(4),
            Int64 | Float64 => Some(8),
            Other(_) => None,
        }
    }
}

impl<'a> File<'a> {
    /// Reads the tables of a file. Numbers stay where they are.
    ///
    /// Allocates at most 512 times the size of `bytes`.
    ///
    /// # Errors
    /// The file is damaged, or stands for more than its size: vectors may be shared.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        if bytes.get(4..8) != Some(b"TFL3") {
            return Err(Error::malformed("TFLite", "no identifier TFL3"));
        }
        let budget = &mut Budget::of_file(bytes.len());
        let model = Table::root(bytes)?;
        let buffers = budget.tables(&model, (4, "buffers"))?;
        let data: Result<Vec<_>, Error> = buffers.iter().map(|buffer| data(bytes, buffer)).collect();
        let data = data?;
        let mut operators = Vec::new();
        for code in budget.tables(&model, (1, "operator_codes"))? {
            operators.push(code_of(&code, budget)?);
        }
        let mut graphs = Vec::new();
        for graph in budget.tables(&model, (2, "subgraphs"))? {
            graphs.push(Graph::read(&graph, &data, &operators, budget)?);
        }
        match graphs.is_empty() {
            true => Err(Error::malformed("TFLite", "no graph")),
            false => Ok(File { graphs, size: bytes.len() }),
        }
    }
}

impl File<'_> {
    /// Whether the net computes with floats: [`Model::of_tflite`](crate::Model::of_tflite) is for it, and else
    /// [`Int8::of_tflite`](super::Int8::of_tflite).
    pub fn is_of_floats(&self) -> bool {
        let graph = &self.graphs[0];
        let takes_floats = graph.inputs.iter().any(|tensor| graph.tensors[*tensor].kind == Type::Float32);
        takes_floats && !graph.operators.iter().any(|operator| operator.kind == Kind::Quantize)
    }
}

/// The bytes of a buffer. In a file of more than 2 GB, they lie behind all tables.
fn data<'a>(bytes: &'a [u8], buffer: &Table<'a>) -> Result<&'a [u8], Error> {
    let (offset, size): (u64, u64) = (buffer.or((1, "offset"), 0)?, buffer.or((2, "size"), 0)?);
    match offset {
        0 | 1 => buffer.or((0, "data"), &[]),
        _ => {
            let range = usize::try_from(offset).ok().zip(offset.checked_add(size).and_then(|x| x.try_into().ok()));
            let outside = || Error::malformed("TFLite", "a buffer outside the file");
            range.and_then(|(start, end)| bytes.get(start..end)).ok_or_else(outside)
        }
    }
}

/// An operator's number, which is in another field if it is above 126; its own name, if it is custom; its version.
fn code_of<'a>(table: &Table<'a>, budget: &mut Budget) -> Result<(usize, Cow<'a, str>, i32), Error> {
    let old: i8 = table.or((0, "deprecated_builtin_code"), 0)?;
    let new: i32 = table.or((3, "builtin_code"), 0)?;
    let code = usize::try_from(new.max(old.into())).map_err(|_| Error::malformed("TFLite", "an operator below 0"))?;
    let custom = budget.text(table, (1, "custom_code"))?;
    Ok((code, if custom.is_empty() { name(code).into() } else { custom }, table.or((2, "version"), 1)?))
}

impl<'a> Graph<'a> {
    fn read(
        table: &Table<'a>,
        data: &[&'a [u8]],
        codes: &[(usize, Cow<'a, str>, i32)],
        budget: &mut Budget,
    ) -> Result<Self, Error> {
        let mut tensors = Vec::new();
        for tensor in budget.tables(table, (0, "tensors"))? {
            tensors.push(Tensor::read(&tensor, data, budget)?);
        }
        let count = tensors.len();
        let mut operators = Vec::new();
        for operator in budget.tables(table, (3, "operators"))? {
            let index: u32 = operator.or((0, "opcode_index"), 0)?;
            let unknown = || Error::malformed("TFLite", format!("an operator of the unknown code {index}"));
            let (code, name, version) = codes.get(index as usize).ok_or_else(unknown)?;
            // A custom operator's name is as often said as it is used.
            operators.push(Operator {
                kind: Kind::read(*code, operator.field((4, "builtin_options"))?, budget)?,
                name: budget.again(name)?,
                version: *version,
                inputs: optional(&operator, (1, "inputs"), count, budget)?,
                outputs: places(&operator, (2, "outputs"), count, budget)?,
                intermediates: places(&operator, (8, "intermediates"), count, budget)?,
            });
        }
        widen(&mut tensors, &operators);
        let (inputs, outputs) =
            (places(table, (1, "inputs"), count, budget)?, places(table, (2, "outputs"), count, budget)?);
        Ok(Graph { tensors, inputs, outputs, operators })
    }
}

/// What `DEQUANTIZE` makes of a constant is that constant.
fn widen(tensors: &mut [Tensor<'_>], operators: &[Operator<'_>]) {
    for operator in operators.iter().filter(|operator| operator.kind == Kind::Dequantize) {
        if let ([Some(input)], [output]) = (operator.inputs.as_slice(), operator.outputs.as_slice())
            && let Tensor { data: data @ Some(_), kind, quantized, is_sparse, .. } = &tensors[*input]
            && tensors[*input].shape == tensors[*output].shape
        {
            let (data, kind, quantized, is_sparse) = (*data, *kind, quantized.clone(), *is_sparse);
            let output = &mut tensors[*output];
            (output.data, output.kind, output.quantized, output.is_sparse) = (data, kind, quantized, is_sparse);
            output.is_widened = true;
        }
    }
}

/// Numbers of tensors, of which −1 is none.
fn optional(
    table: &Table<'_>,
    field: (usize, &'static str),
    count: usize,
    budget: &mut Budget,
) -> Result<Vec<Option<usize>>, Error> {
    let place = |place: i32| match usize::try_from(place) {
        Ok(place) if place < count => Ok(Some(place)),
        Err(_) if place == -1 => Ok(None),
        _ => Err(Error::malformed("TFLite", format!("{}: tensor {place} of {count}", field.1))),
    };
    budget.row::<i32>(table, field)?.into_iter().map(place).collect()
}

/// The same where none may be left out.
fn places(
    table: &Table<'_>,
    field: (usize, &'static str),
    count: usize,
    budget: &mut Budget,
) -> Result<Vec<usize>, Error> {
    let missing = || Error::malformed("TFLite", format!("{}: a tensor is left out", field.1));
    optional(table, field, count, budget)?.into_iter().map(|place| place.ok_or_else(missing)).collect()
}

impl<'a> Tensor<'a> {
    fn read(table: &Table<'a>, data: &[&'a [u8]], budget: &mut Budget) -> Result<Self, Error> {
        let name = budget.text(table, (3, "name"))?;
        let mut shape: Vec<i32> = budget.row(table, (0, "shape"))?;
        let signature: Vec<i32> = budget.row(table, (7, "shape_signature"))?;
        if signature.len() == shape.len() {
            shape.iter_mut().zip(&signature).filter(|(_, any)| **any == -1).for_each(|(length, _)| *length = -1);
        }
        let kind = Type::of(table.or((1, "type"), 0)?);
        let buffer: u32 = table.or((2, "buffer"), 0)?;
        let unknown = || Error::malformed(&*name, format!("the unknown buffer {buffer}"));
        let data = match data.get(buffer as usize) {
            _ if buffer == 0 => None,
            found => Some(*found.ok_or_else(unknown)?).filter(|data| !data.is_empty()),
        };
        let mut quantized = match table.field::<Table<'a>>((4, "quantization"))? {
            Some(table) => Quantized::read(&table, &name, budget)?,
            None => None,
        };
        // Older converters give biases, which are rows, the axis of the weights.
        quantized.iter_mut().for_each(|of| of.axis = of.axis.min(shape.len().saturating_sub(1)));
        let is_sparse = table.field::<Table<'a>>((6, "sparsity"))?.is_some();
        let is_variable = table.or((5, "is_variable"), false)?;
        let tensor = Tensor { shape, kind, quantized, data, is_variable, is_sparse, is_widened: false, name };
        tensor.is_sound()?;
        Ok(tensor)
    }

    /// A constant has as many numbers as its shape says, and as many scales as channels.
    fn is_sound(&self) -> Result<(), Error> {
        let malformed = |what: String| Err(Error::malformed(&*self.name, what));
        let length = |length: &i32| usize::try_from(*length).ok();
        let product = || self.shape.iter().try_fold(1_usize, |size, next| size.checked_mul(length(next)?));
        if let (Some(data), Some(bytes), false) = (self.data, self.kind.bytes(), self.is_sparse)
            && product().and_then(|size| size.checked_mul(bytes)) != Some(data.len())
        {
            return malformed(format!("{} bytes for {:?} of shape {:?}", data.len(), self.kind, self.shape));
        }
        match &self.quantized {
            Some(Quantized { scale, axis, .. })
                if scale.len() > 1 && self.shape.get(*axis).and_then(length) != Some(scale.len()) =>
            {
                malformed(format!("{} scales along axis {axis} of shape {:?}", scale.len(), self.shape))
            }
            _ => Ok(()),
        }
    }
}

impl Quantized {
    /// Minimum and maximum alone, as training leaves them, say nothing.
    fn read(table: &Table<'_>, at: &str, budget: &mut Budget) -> Result<Option<Self>, Error> {
        let scale: Vec<f32> = budget.row(table, (2, "scale"))?;
        let mut zero_point: Vec<i64> = budget.row(table, (3, "zero_point"))?;
        if scale.is_empty() {
            return Ok(None);
        }
        if zero_point.is_empty() {
            zero_point = vec![0; scale.len()];
        }
        let scales = scale.iter().all(|scale| scale.is_finite() && *scale >= 0.0);
        let is_sound = scales && zero_point.iter().all(|zero| i32::try_from(*zero).is_ok());
        let axis = usize::try_from(table.or((6, "quantized_dimension"), 0_i32)?);
        match axis {
            Ok(axis) if is_sound && zero_point.len() == scale.len() => Ok(Some(Quantized { scale, zero_point, axis })),
            _ => Err(Error::malformed(at, "scales, zero points or their axis that cannot be")),
        }
    }
}
