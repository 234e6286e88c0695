//! A graph as a chain of nodes and of blocks whose branches are chains.

use crate::builder::MAX_LAYERS;

/// A step along a graph. Each node is one, or begins and ends a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A node that takes what the step before it gives.
    Node(usize),
    /// Here begins the block that this node merges. The other branch of a residual block is the block's input itself.
    Open { node: usize, residual: bool },
    /// The second branch begins, where the first one did.
    And,
    /// The node that merges the branches.
    Close(usize),
}

/// Walks from node 0, which is the input, to `end`. `takes` has the nodes that each node takes, which come before it. The error is
/// the node for which that is no chain.
pub(crate) fn steps(takes: &[Vec<usize>], end: usize) -> Result<Vec<Step>, usize> {
    // The last node that all ways to a node pass, and how many such nodes there are.
    let (mut from, mut depth) = (vec![0; takes.len()], vec![0_usize; takes.len()]);
    for (node, taken) in takes.iter().enumerate().skip(1) {
        from[node] = match *taken.as_slice() {
            [a] if a < node => a,
            [mut a, mut b] if a < node && b < node => {
                while a != b {
                    if depth[a] >= depth[b] { a = from[a] } else { b = from[b] }
                }
                a
            }
            _ => return Err(node),
        };
        depth[node] = depth[from[node]] + 1;
    }
    let mut walk = Walk { takes, from: &from, seen: vec![false; takes.len()], steps: Vec::new() };
    walk.between(0, end, 0)?;
    // A node that leads nowhere.
    match walk.seen.iter().skip(1).position(|seen| !seen) {
        Some(unseen) => Err(unseen + 1),
        None => Ok(walk.steps),
    }
}

struct Walk<'a> {
    takes: &'a [Vec<usize>],
    from: &'a [usize],
    seen: Vec<bool>,
    steps: Vec<Step>,
}

impl Walk<'_> {
    /// The steps behind `start`, up to `end`.
    fn between(&mut self, start: usize, end: usize, blocks: usize) -> Result<(), usize> {
        let mut nodes = Vec::new();
        let mut node = end;
        while node != start {
            // A way that does not pass the start, or a node on two ways.
            if node <= start || std::mem::replace(&mut self.seen[node], true) || blocks > MAX_LAYERS {
                return Err(node);
            }
            nodes.push(node);
            node = self.from[node];
        }
        for node in nodes.into_iter().rev() {
            let (fork, takes) = (self.from[node], self.takes);
            let [a, b] = takes[node][..] else {
                self.steps.push(Step::Node(node));
                continue;
            };
            let residual = a == fork || b == fork;
            self.steps.push(Step::Open { node, residual });
            self.between(fork, if a == fork { b } else { a }, blocks + 1)?;
            if !residual {
                self.steps.push(Step::And);
                self.between(fork, b, blocks + 1)?;
            }
            self.steps.push(Step::Close(node));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Step::*;

    fn of(takes: &[&[usize]]) -> Result<Vec<Step>, usize> {
        let takes: Vec<_> = takes.iter().map(|taken| taken.to_vec()).collect();
        steps(&takes, takes.len() - 1)
    }

    #[test]
    fn chains_and_blocks() {
        assert_eq!(of(&[&[]]), Ok(vec![]));
        assert_eq!(of(&[&[], &[0], &[1]]), Ok(vec![Node(1), Node(2)]));
        let residual = [Node(1), Open { node: 4, residual: true }, Node(2), Node(3), Close(4), Node(5)];
        assert_eq!(of(&[&[], &[0], &[1], &[2], &[1, 3], &[4]]), Ok(residual.into()));
        assert_eq!(of(&[&[], &[0], &[1], &[2], &[3, 1], &[4]]), Ok(residual.into()));
        let sum = [Open { node: 3, residual: false }, Node(1), And, Node(2), Close(3)];
        assert_eq!(of(&[&[], &[0], &[0], &[1, 2]]), Ok(sum.into()));
        let inner = Open { node: 2, residual: true };
        let nested = [Open { node: 4, residual: false }, inner, Node(1), Close(2), And, Node(3), Close(4)];
        assert_eq!(of(&[&[], &[0], &[0, 1], &[0], &[2, 3]]), Ok(nested.into()));
    }

    #[test]
    fn other_graphs_name_a_node() {
        // A node that leads nowhere, a way between two branches, a node of three.
        assert_eq!(of(&[&[], &[0], &[0]]), Err(1));
        assert_eq!(of(&[&[], &[0], &[1], &[1, 2], &[1], &[3, 4], &[5, 2]]), Err(2));
        assert_eq!(of(&[&[], &[0], &[0], &[0, 1, 2]]), Err(3));
        assert_eq!(of(&[&[], &[0], &[]]), Err(2));
    }
}
