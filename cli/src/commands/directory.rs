//! `belay directory`: who offers what, where, for whom.

use super::Context;
use crate::args::StaffArgs;
use crate::output;
use crate::trouble::{Result, Trouble};
use belay_node::api::Request;
use belay_node::api::care::{Care, OptionsAsk, OptionsView};
use belay_node::api::request::Search;
use belay_node::api::views::{ImportView, SearchView, StatusView};
use belay_node::ops::conditions;
use belay_protocol::sensitive::Personal;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

/// Listings that one search shows at most; more with `--skip`.
const SHOWN: i64 = 200;
/// How often a long import says how far it is.
const LOOK: Duration = Duration::from_secs(2);

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Take a data set into this organisation's listings: HSDS 1.1 CSV, HSDS 3.x CSV or JSON; doing it again changes nothing
    Import {
        /// A file, or a folder of CSV files
        path: PathBuf,
    },
    /// Search the listings of all organisations
    Search(SearchArgs),
    /// Search, and keep what the person is shown: `belay referral send --chosen` records that the person chose among them
    Options {
        #[command(flatten)]
        search: SearchArgs,
        /// Who chooses
        #[arg(long = "for", value_name = "PERSON", value_parser = crate::words::person)]
        person: String,
        #[command(flatten)]
        staff: StaffArgs,
    },
}

/// What to look for.
#[derive(Debug, clap::Args)]
pub struct SearchArgs {
    /// Words to look for; none finds everything
    words: Vec<String>,
    /// Sort by distance from this place, in degrees
    #[arg(long, value_name = "LAT,LON", value_parser = place, allow_hyphen_values = true)]
    near: Option<(f64, f64)>,
    /// Only what is that near
    #[arg(long, value_name = "KM", requires = "near")]
    within: Option<f64>,
    /// Only this kind of service
    #[arg(long, value_name = "KIND")]
    service: Option<String>,
    /// Only this kind of listing
    #[arg(long, value_name = "KIND", value_parser = ["organization", "service", "location", "program"])]
    kind: Option<String>,
    /// Only services with openings
    #[arg(long)]
    open: bool,
    /// How many to show
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=SHOWN))]
    limit: u32,
    /// How many to pass over
    #[arg(long, value_name = "N", default_value_t = 0)]
    skip: u32,
}

impl SearchArgs {
    fn search(self) -> Search {
        let Self { words, near, within, service, kind, open, limit, skip } = self;
        Search { words: words.join(" "), near, within_km: within, service, kind, org: None, open, limit, skip }
    }
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Import { path } => {
            let path = std::path::absolute(&path)?;
            let path = path.to_str().ok_or_else(|| Trouble::failed("the path is not UTF-8"))?.to_owned();
            let view = told(context, || context.get::<ImportView>(&Request::DirectoryImport { path }))?;
            context.show(&view)
        }
        Command::Search(search) => context.ask::<SearchView>(&Request::DirectorySearch(search.search())),
        Command::Options { search, person, staff } => {
            let ask = OptionsAsk { person: Personal::new(person), search: search.search(), shown: Vec::new() };
            context.care::<OptionsView>(&staff, Care::OptionsKeep(ask))
        }
    }
}

/// Does what may take long, and says on standard error how far it is.
fn told<T>(context: &Context, work: impl FnOnce() -> T) -> T {
    let (over, ended) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut last = String::new();
            while ended.recv_timeout(LOOK) == Err(mpsc::RecvTimeoutError::Timeout) {
                let Ok(status) = context.get::<StatusView>(&Request::Status) else { continue };
                let under_way = status.conditions.into_iter().find(|c| c.code == conditions::IMPORT);
                if let Some(condition) = under_way.filter(|c| c.sentence != last) {
                    output::say(&condition.sentence);
                    last = condition.sentence;
                }
            }
        });
        let done = work();
        drop(over);
        done
    })
}

/// `LAT,LON` in degrees.
fn place(text: &str) -> std::result::Result<(f64, f64), String> {
    let parts = text.split_once(',').and_then(|(lat, lon)| Some((lat.trim().parse().ok()?, lon.trim().parse().ok()?)));
    match parts {
        Some((lat, lon)) if (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon) => Ok((lat, lon)),
        _ => Err("expected degrees such as 37.0,-83.5".into()),
    }
}
