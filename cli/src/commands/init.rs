//! `belay init`: works without a node, in a folder that holds none.

use super::Context;
use crate::confirm;
use crate::trouble::{Result, Trouble};
use belay_node::usecases::{identity, returning};
use belay_protocol::keys::phrase::Phrase;
use belay_protocol::space::control::PartnerKind;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of the organisation, as others see it
    #[arg(long, value_name = "NAME", required_unless_present = "second", conflicts_with = "second")]
    org: Option<String>,
    /// What kind of partner it is; decides what it may pass on (42 CFR 2.33)
    #[arg(long, value_name = "KIND", default_value = "other", value_parser = kinds())]
    kind: String,
    /// File that holds the passphrase of the store [default: asked for, twice]
    #[arg(long, value_name = "F", env = "BELAY_PASSPHRASE_FILE", hide_env_values = true)]
    passphrase_file: Option<PathBuf>,
    /// New file for the recovery phrase [default: shown once on the terminal]; with --second, the file that holds it
    #[arg(long, value_name = "F")]
    phrase_file: Option<PathBuf>,
    /// A further machine of an organisation that has one, by its recovery phrase
    #[arg(long, requires = "at")]
    second: bool,
    /// With --second: address of the first machine, as `belay node add` shows it there
    #[arg(long, value_name = "MULTIADDR", requires = "second")]
    at: Vec<String>,
}

pub(super) const KINDS: [(&str, PartnerKind); 10] = [
    ("part2_program", PartnerKind::Part2Program),
    ("covered_program", PartnerKind::CoveredProgram),
    ("covered_entity", PartnerKind::CoveredEntity),
    ("business_associate", PartnerKind::BusinessAssociate),
    ("non_covered_cbo", PartnerKind::NonCoveredCbo),
    ("criminal_justice", PartnerKind::CriminalJustice),
    ("law_enforcement", PartnerKind::LawEnforcement),
    ("child_welfare", PartnerKind::ChildWelfare),
    ("health_plan", PartnerKind::HealthPlan),
    ("other", PartnerKind::Other),
];

/// The words for kinds of organisations.
pub(super) fn kinds() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(KINDS.map(|(word, _)| word))
}

/// Words that are asked for, and how often.
const ASKED: usize = 3;
const TRIES: usize = 3;

pub fn run(context: &Context, args: &Args) -> Result<()> {
    let Some(org) = &args.org else { return second(context, args) };
    if args.phrase_file.is_none() && !confirm::attended() {
        return Err(Trouble::usage("the recovery phrase is shown once, and nobody is at the terminal to see it")
            .next("the command again with --phrase-file F"));
    }
    identity::vacant(&context.folder)?;
    identity::proper_name("the organisation's name", org)?;
    if let Some(file) = args.phrase_file.as_deref().filter(|f| f.exists()) {
        return Err(Trouble::failed(format!("{} exists already, and a phrase may be in it", file.display()))
            .next("the command again with a new file name"));
    }
    let passphrase = confirm::new_passphrase(args.passphrase_file.as_deref())?;
    let kind = KINDS.into_iter().find(|(word, _)| *word == args.kind).map_or(PartnerKind::Other, |(_, kind)| kind);
    let phrase = identity::new_phrase();
    // The phrase is safe before anything is made that only it can bring back.
    let words = phrase.words();
    let checked = match &args.phrase_file {
        Some(file) => {
            super::write_new(file, &format!("{}\n", words.as_str()))?;
            false
        }
        None => {
            show_phrase(&words);
            check_back(&phrase)?
        }
    };
    let made = identity::init(&context.folder, &passphrase, org, kind, &phrase, checked);
    if made.is_err()
        && !context.folder.holds_a_node()
        && let Some(file) = &args.phrase_file
    {
        // It brings nothing back, and would be in the way of the next try.
        let _ = std::fs::remove_file(file);
    }
    let mut view = made?;
    view.phrase_file = args.phrase_file.as_ref().map(|f| f.display().to_string());
    context.show(&view)
}

/// A further machine of an organisation that is a member already.
fn second(context: &Context, args: &Args) -> Result<()> {
    identity::vacant(&context.folder)?;
    let phrase = identity::phrase(&confirm::phrase(args.phrase_file.as_deref())?)?;
    let passphrase = confirm::new_passphrase(args.passphrase_file.as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let view = runtime.block_on(returning::second(&context.folder, &passphrase, &phrase, &args.at))?;
    context.show(&view)
}

fn show_phrase(words: &str) {
    eprintln!("The recovery phrase of this organisation. It is shown this once. Write it down, on paper:\n");
    for (row, six) in words.split(' ').collect::<Vec<_>>().chunks(6).enumerate() {
        eprintln!("    {:2}  {}", row * 6 + 1, six.join(" "));
    }
    eprintln!();
    eprintln!(
        "Nothing is made before the next question is answered. If you stop here, throw these words away: belay init gives new ones.\n"
    );
}

/// Asks for a few of the words. Whether they were right; an empty answer puts it off.
fn check_back(phrase: &Phrase) -> Result<bool> {
    let asked = identity::words_to_ask(ASKED);
    for _ in 0..TRIES {
        let mut answers = Vec::new();
        for number in &asked {
            let word = confirm::line(&format!("Word {number} (empty: later)"))?;
            if word.is_empty() {
                eprintln!("Check it once the node runs: belay phrase check\n");
                return Ok(false);
            }
            answers.push((*number, word));
        }
        let answers: Vec<(usize, &str)> = answers.iter().map(|(number, word)| (*number, word.reveal())).collect();
        match phrase.check(&answers) {
            Ok(()) => return Ok(true),
            Err(fault) => eprintln!("{fault}\n"),
        }
    }
    eprintln!("Look at what you wrote, and check it once the node runs: belay phrase check\n");
    Ok(false)
}
