//! Small cells (CMS Cell Size Suppression Policy): a count from 1 to 10 is not shown, a zero may be, and nothing that is shown lets a
//! reader derive one. So where hidden cells could be told from the total, the next smallest is hidden too, and at last the total.

/// The least count that may be shown, besides 0.
const SHOWN: u64 = 11;

/// What may be shown of a total and its parts; `None`: suppressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    pub total: Option<u64>,
    pub parts: Vec<Option<u64>>,
}

/// Suppresses the parts of one total. Where even the total is suppressed, whoever shows other parts of the same total hides those too.
#[must_use]
pub fn suppress(parts: &[u64]) -> Cells {
    let total: u64 = parts.iter().sum();
    let mut shown: Vec<Option<u64>> = parts.iter().map(|n| Some(*n).filter(|n| *n == 0 || *n >= SHOWN)).collect();
    let hidden = |shown: &[Option<u64>]| -> (u64, u64) {
        let gone = parts.iter().zip(shown).filter(|(_, shown)| shown.is_none());
        gone.fold((0, 0), |(count, sum), (n, _)| (count + 1, sum + n))
    };
    loop {
        let (count, sum) = hidden(&shown);
        // Each hidden cell holds at least one: if the sum is as small as their count, each is known to be one. And of two, the second
        // is the smallest that could be shown: it is at most the smallest that is, so that the sum may tell that the first is ten.
        let least = shown.iter().flatten().copied().filter(|n| *n > 0).min().unwrap_or(u64::MAX);
        let pinned = count == 2
            && sum >= SHOWN.saturating_add(SHOWN).saturating_sub(2)
            && least <= SHOWN.max(sum.saturating_sub(SHOWN - 1));
        let told = count == 1 || (count > 1 && sum == count) || pinned;
        if !told {
            break;
        }
        let next = (0..parts.len())
            .filter(|at| shown.get(*at).copied().flatten().is_some_and(|n| n > 0))
            .min_by_key(|at| parts.get(*at).copied());
        match next.and_then(|at| shown.get_mut(at)) {
            Some(cell) => *cell = None,
            None => return Cells { total: None, parts: shown },
        }
    }
    let total = Some(total).filter(|n| *n == 0 || *n >= SHOWN);
    Cells { total, parts: shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All ways to fill the hidden cells that a reader holds for possible: each at least 1, summing to what the total leaves.
    fn pinned(parts: &[u64], cells: &Cells) -> bool {
        let Some(total) = cells.total else { return false };
        let seen: u64 = cells.parts.iter().flatten().sum();
        let hidden = cells.parts.iter().filter(|c| c.is_none()).count() as u64;
        let left = total - seen;
        assert_eq!(total, parts.iter().sum::<u64>());
        hidden == 1 || (hidden > 1 && left == hidden)
    }

    #[test]
    fn no_cell_from_one_to_ten_is_shown_nor_can_be_told_from_the_rest() {
        let values = [0, 1, 2, 10, 11, 40];
        for a in values {
            for b in values {
                for c in values {
                    for d in values {
                        let parts = [a, b, c, d];
                        let cells = suppress(&parts);
                        for (part, shown) in parts.iter().zip(&cells.parts) {
                            assert!(shown.is_none_or(|n| n == *part && (n == 0 || n > 10)), "{parts:?}: {cells:?}");
                        }
                        assert!(cells.total.is_none_or(|n| n == 0 || n > 10), "{parts:?}: {cells:?}");
                        assert!(!pinned(&parts, &cells), "{parts:?}: {cells:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_lone_small_cell_takes_the_next_smallest_with_it_and_large_ones_are_shown() {
        assert_eq!(suppress(&[3, 50, 20]).parts, [None, Some(50), None]);
        assert_eq!(suppress(&[30, 50, 20]), Cells { total: Some(100), parts: vec![Some(30), Some(50), Some(20)] });
        assert_eq!(suppress(&[5]), Cells { total: None, parts: vec![None] });
        assert_eq!(suppress(&[0, 12]), Cells { total: Some(12), parts: vec![Some(0), Some(12)] });
    }
}
