//! Trees whose nodes know the one above: who reports to whom, which team belongs to which.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// Whether `above` may come above `node`, given what stands above `above` itself, nearest first.
pub fn may_stand_above<I: PartialEq>(above: &I, node: &I, line: &[I]) -> bool {
    above != node && !line.contains(node)
}

/// Those of the `moves` (node, and the one that shall stand above it) that would close a circle, were all of them made
/// together in the tree `above`. The others can be made, in any order.
pub fn circular<I: Copy + Eq + Hash>(above: &HashMap<I, Option<I>>, moves: &[(I, Option<I>)]) -> HashSet<I> {
    let mut refused = HashSet::new();
    loop {
        let mut tree = above.clone();
        tree.extend(moves.iter().filter(|(node, _)| !refused.contains(node)).copied());
        let closing: Vec<I> = moves
            .iter()
            .map(|(node, _)| *node)
            .filter(|node| !refused.contains(node) && comes_back(&tree, *node))
            .collect();
        if closing.is_empty() {
            return refused;
        }
        refused.extend(closing);
    }
}

fn comes_back<I: Copy + Eq + Hash>(tree: &HashMap<I, Option<I>>, node: I) -> bool {
    let mut seen = HashSet::new();
    let mut next = tree.get(&node).copied().flatten();
    while let Some(above) = next {
        if above == node {
            return true;
        }
        if !seen.insert(above) {
            return false;
        }
        next = tree.get(&above).copied().flatten();
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nobody_stands_above_himself() {
        for (above, node, line, may) in [(2, 1, vec![], true), (1, 1, vec![], false), (2, 1, vec![3, 1], false)] {
            assert_eq!(may_stand_above(&above, &node, &line), may);
        }
    }

    #[test]
    fn only_what_closes_a_circle_is_refused() {
        let above = HashMap::from([(1, None), (2, Some(1)), (3, Some(2))]);
        for (moves, refused) in [
            (vec![(3, Some(1)), (4, Some(3))], vec![]),
            (vec![(1, Some(3))], vec![1]),
            // Turned upside down at once: nothing is wrong with that.
            (vec![(1, Some(2)), (2, Some(3)), (3, None)], vec![]),
            (vec![(4, Some(5)), (5, Some(4)), (6, Some(4))], vec![4, 5]),
            (vec![(7, Some(7))], vec![7]),
        ] {
            assert_eq!(circular(&above, &moves), HashSet::from_iter(refused), "{moves:?}");
        }
    }

    proptest! {
        #[test]
        fn a_tree_stays_one_whatever_is_moved(batches in prop::collection::vec(
            prop::collection::hash_map(0..12_u8, prop::option::of(0..12_u8), 0..8), 0..12,
        )) {
            let mut tree: HashMap<u8, Option<u8>> = HashMap::new();
            for batch in batches {
                let moves: Vec<_> = batch.into_iter().collect();
                let refused = circular(&tree, &moves);
                tree.extend(moves.into_iter().filter(|(node, _)| !refused.contains(node)));
                for node in tree.keys() {
                    let (mut steps, mut next) = (0, tree[node]);
                    while let Some(above) = next {
                        steps += 1;
                        prop_assert!(steps <= tree.len(), "a circle above {}", node);
                        next = tree.get(&above).copied().flatten();
                    }
                }
            }
        }

        /// One by one, as the API does it for teams.
        #[test]
        fn single_moves_never_close_a_circle(moves in prop::collection::vec((0..8_u8, 0..8_u8), 0..40)) {
            let mut tree: HashMap<u8, u8> = HashMap::new();
            for (node, above) in moves {
                let mut line = vec![];
                let mut next = tree.get(&above).copied();
                while let Some(higher) = next {
                    line.push(higher);
                    next = tree.get(&higher).copied();
                }
                if may_stand_above(&above, &node, &line) {
                    tree.insert(node, above);
                }
            }
            for start in tree.keys() {
                let line = std::iter::successors(Some(*start), |node| tree.get(node).copied());
                prop_assert!(line.take(tree.len() + 2).count() <= tree.len() + 1);
            }
        }
    }
}
