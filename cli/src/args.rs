//! What can be typed. Each verb's own arguments stand in its file of `commands/`.

use crate::commands as c;
use crate::trouble::{Result, Trouble};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// One node of a coalition of organisations that refer people to each other
#[derive(Debug, Parser)]
#[command(
    name = "belay",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 the node is not running or not reachable."
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// For every command.
#[derive(Debug, Args)]
pub struct Global {
    /// Folder of the node's data [default: the platform's data folder]
    #[arg(long, value_name = "DIR", env = "BELAY_DATA", hide_env_values = true, global = true)]
    pub data: Option<PathBuf>,
    /// Data on standard output as JSON
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// A whole coalition on this machine: one process a node, real sockets, real stores
    Demo(c::demo::Args),
    /// Make an organisation's identity, its store and its recovery phrase
    Init(c::init::Args),
    /// Run the node: network, sync, control socket
    Run(c::run::Args),
    /// What the node is, whom it is connected with, what it holds
    Status,
    /// Other nodes that are known
    Peers,
    /// What is wrong, and what mends it
    Doctor(c::doctor::Args),
    /// The recovery phrase
    #[command(subcommand)]
    Phrase(c::phrase::Command),
    /// Found a coalition, as its first steward
    Found(c::found::Args),
    /// Make an invite for one organisation; list or cancel invites
    Invite(c::invite::Args),
    /// Join a coalition by the code or the file of an invite
    Join(c::join::Args),
    /// Leave the coalition, or wait no more to be let in
    Leave(c::leave::Args),
    /// Organisations of the coalition
    #[command(subcommand)]
    Org(c::org::Command),
    /// Machines of this organisation: a second one, and one that is retired
    #[command(subcommand)]
    Node(c::node::Command),
    /// Who stewards the coalition, and what they decide together
    #[command(subcommand)]
    Steward(c::steward::Command),
    /// Staff of this organisation
    #[command(subcommand)]
    User(c::user::Command),
    /// The directory of all organisations: import and search
    #[command(subcommand)]
    Directory(c::directory::Command),
    /// One listing, and this organisation's own
    #[command(subcommand)]
    Listing(c::listing::Command),
    /// Persons in this organisation's records
    #[command(subcommand)]
    Person(c::person::Command),
    /// What a person permits, in writing (42 CFR 2.31)
    #[command(subcommand)]
    Consent(c::consent::Command),
    /// Partners who are not on the network
    #[command(subcommand)]
    Partner(c::partner::Command),
    /// Questions that name nobody, made and received: "could you take somebody like this?"
    #[command(subcommand)]
    Inquiry(c::inquiry::Command),
    /// What partners promise each other about referrals; every member of the coalition can read it
    #[command(subcommand)]
    Agreement(c::agreement::Command),
    /// Referrals, sent and received
    #[command(subcommand)]
    Referral(c::referral::Command),
    /// Copies placed in advance for a medical emergency, and their opening (42 CFR 2.51)
    #[command(subcommand)]
    Emergency(c::emergency::Command),
    /// What stops destruction, and what to say to who comes with a subpoena (42 CFR 2.61 to 2.67)
    #[command(subcommand)]
    Hold(c::hold::Command),
    /// What was told to whom (42 CFR 2.25)
    Disclosures(c::disclosures::Args),
    /// Files that go with a person, a consent or a referral
    #[command(subcommand)]
    Attachment(c::attachment::Command),
    /// What was written for another organisation, in a file that somebody carries there
    #[command(subcommand)]
    Bundle(c::bundle::Command),
    /// Members whose machines keep sealed parcels for who is not on line
    #[command(subcommand)]
    Carrier(c::carrier::Command),
    /// Who looked at what
    #[command(subcommand)]
    Audit(c::audit::Command),
    /// Copies of this machine's store in a file
    #[command(subcommand)]
    Backup(c::backup::Command),
    /// Bring a lost organisation back into an empty folder, by its recovery phrase and an address of any member
    Recover(c::recover::Args),
    /// Shell completions on standard output
    Completions(c::completions::Args),
    /// The man page on standard output
    Man,
}

/// The same of a command that has subcommands, which ask for it themselves: of such a one clap takes a group of options for given when the
/// environment gives any of them.
#[derive(Debug, Args)]
pub struct MaybeStaff {
    /// Name of the staff member who acts
    #[arg(long = "as", value_name = "STAFF", env = "BELAY_STAFF", hide_env_values = true, required = true)]
    staff: Option<String>,
    /// File that holds that person's own secret [default: asked for]
    #[arg(long, value_name = "F", env = "BELAY_STAFF_SECRET_FILE", hide_env_values = true)]
    staff_secret_file: Option<PathBuf>,
}

impl MaybeStaff {
    /// # Errors
    /// Nobody was named.
    pub fn named(self) -> Result<StaffArgs> {
        let Self { staff, staff_secret_file } = self;
        let nobody = || Trouble::usage("who asks is missing").next("the command again with --as STAFF");
        Ok(StaffArgs { staff: staff.ok_or_else(nobody)?, staff_secret_file })
    }
}

/// Who acts, for commands about a person.
#[derive(Debug, Args)]
pub struct StaffArgs {
    /// Name of the staff member who acts
    #[arg(long = "as", value_name = "STAFF", env = "BELAY_STAFF", hide_env_values = true)]
    pub staff: String,
    /// File that holds that person's own secret [default: asked for]
    #[arg(long, value_name = "F", env = "BELAY_STAFF_SECRET_FILE", hide_env_values = true)]
    pub staff_secret_file: Option<PathBuf>,
}
