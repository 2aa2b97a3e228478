//! Whose turn it is. Calls go before frames, since somebody waits for their answer; but a stranger at the door asks by calls too, and whoever
//! asks without end must not keep partners' frames out. So after a few it is the network's turn.

/// Calls, each with those behind it that share its commit, until a frame that waits has its turn.
const CALLS: usize = 4;

/// Counts calls since it was last the network's turn.
#[derive(Debug, Default)]
pub struct Turns(usize);

impl Turns {
    /// A call was taken.
    pub const fn called(&mut self) {
        self.0 = self.0.saturating_add(1);
    }

    /// Whether what waits of the network comes first now; then calls are counted anew.
    pub const fn is_networks(&mut self) -> bool {
        let due = self.0 >= CALLS;
        if due {
            self.0 = 0;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_calls_without_end_leaves_every_fifth_turn_to_the_network() {
        let mut turns = Turns::default();
        let mut order = String::new();
        for _ in 0..12 {
            if turns.is_networks() {
                order.push('n');
            } else {
                turns.called();
                order.push('c');
            }
        }
        assert_eq!(order, "ccccnccccncc");
    }
}
