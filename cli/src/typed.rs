//! What staff typed, put in the place of the words that stand for it in what to do next: `belay referral show THREAD` after a command upon
//! thread `3f2a91c0` reads `belay referral show 3f2a91c0`, and can be copied as it is.

use clap::{ArgMatches, Command};

/// The words of the help that stand for an id.
const STAND_FOR: [&str; 4] = ["THREAD", "CONSENT", "PERSON", "INQUIRY"];

/// The ids of one command line, each with the word of the help that stands for it.
#[derive(Debug, Default)]
pub struct Typed(Vec<(&'static str, String)>);

impl Typed {
    /// Those that `matches`, made by `command`, holds. A word that came twice, or with several values, stands for none of them.
    pub fn of(mut command: &Command, mut matches: &ArgMatches) -> Self {
        let mut found = Vec::new();
        loop {
            for arg in command.get_arguments() {
                let word = arg.get_value_names().and_then(<[_]>::first).map(|name| name.as_str());
                let Some(word) = STAND_FOR.into_iter().find(|w| Some(*w) == word) else { continue };
                let given = matches.try_get_raw(arg.get_id().as_str()).ok().flatten();
                let given: Vec<_> = given.into_iter().flatten().filter_map(|value| value.to_str()).collect();
                found.extend(given.into_iter().map(|value| (word, value.to_owned())));
            }
            let Some((name, below)) = matches.subcommand() else { break };
            let Some(next) = command.find_subcommand(name) else { break };
            (command, matches) = (next, below);
        }
        let alone = |word: &str| found.iter().filter(|(other, _)| *other == word).count() == 1;
        let kept = found.iter().filter(|(word, value)| alone(word) && is_id(value)).cloned().collect();
        Self(kept)
    }

    /// `next` with the ids where their words stood.
    pub fn put_into(&self, next: &str) -> String {
        let put = |word: &str| {
            let bare = word.trim_end_matches([',', ';', ')', '.', ':', '`']);
            match self.0.iter().find(|(stands, _)| *stands == bare) {
                Some((stands, value)) => word.replacen(stands, value, 1),
                None => word.to_owned(),
            }
        };
        next.split(' ').map(put).collect::<Vec<_>>().join(" ")
    }
}

/// Nothing else is put into a line that somebody may copy.
fn is_id(value: &str) -> bool {
    (4..=64).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::Typed;
    use crate::args::Cli;
    use clap::{Arg, Command, CommandFactory};

    fn typed(line: &str) -> Typed {
        let mut command = Cli::command();
        let matches = command.try_get_matches_from_mut(line.split(' ')).unwrap();
        Typed::of(&command, &matches)
    }

    #[test]
    fn an_id_that_was_typed_stands_in_what_to_do_next() {
        let typed = typed("belay referral message 3f2a91c0 --as wren");
        assert_eq!(typed.put_into("belay referral show THREAD"), "belay referral show 3f2a91c0");
        assert_eq!(
            typed.put_into("belay referral show THREAD, then belay referral link THREAD --person PERSON"),
            "belay referral show 3f2a91c0, then belay referral link 3f2a91c0 --person PERSON"
        );
        assert_eq!(
            typed.put_into("THREADS and CONSENT"),
            "THREADS and CONSENT",
            "words that stand for nothing that was typed"
        );
    }

    #[test]
    fn an_id_behind_a_flag_counts_too() {
        let typed = typed("belay referral send --consent abcd1234 --as noor");
        assert_eq!(typed.put_into("belay consent sign CONSENT"), "belay consent sign abcd1234");
    }

    #[test]
    fn what_is_no_id_and_what_was_typed_twice_is_put_nowhere() {
        let typed = typed("belay consent show Ada --as noor");
        assert_eq!(typed.put_into("belay consent show CONSENT"), "belay consent show CONSENT");
        let mut command = Command::new("belay").arg(Arg::new("of").value_name("PERSON").num_args(2));
        let matches = command.try_get_matches_from_mut(["belay", "abcd1234", "abcd5678"]).unwrap();
        assert_eq!(Typed::of(&command, &matches).put_into("belay person show PERSON"), "belay person show PERSON");
    }
}
