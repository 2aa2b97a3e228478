//! `belay partner`: partners who are not on the network, kept to be referred to by letter and followed up by telephone.

use super::Context;
use crate::args::StaffArgs;
use crate::trouble::Result;
use belay_node::api::care::{Care, JoinedView, PartnerEdit, PartnerFields, PartnerJoined, PartnerView, PartnersView};
use belay_protocol::space::control::PartnerKind;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Add a partner, by hand or from a listing of the directory; a consent can then name it
    Add {
        /// Its name [default: that of the listing]
        #[arg(required_unless_present = "listing", default_value = "")]
        name: String,
        /// Take name, address and telephone from this listing
        #[arg(long, value_name = "LISTING")]
        listing: Option<String>,
        #[command(flatten)]
        fields: Fields,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Change what is known of a partner; what is not given stays as it is. Of a member: --affiliated or --independent
    Edit {
        /// Its name or id
        partner: String,
        /// A new name
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// It is not affiliated with us after all
        #[arg(long, conflicts_with = "affiliated")]
        independent: bool,
        #[command(flatten)]
        fields: Fields,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// A partner joined the network: from now on it is named as the member that it is, and what went before stays
    Joined {
        /// Its name or id off the network
        partner: String,
        /// Which member it is
        #[arg(long, value_name = "ORG")]
        as_org: String,
        /// It is the same, though it is named otherwise there
        #[arg(long)]
        named_otherwise: bool,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// All of them
    List {
        #[command(flatten)]
        staff: StaffArgs,
    },
}

/// What is known of a partner.
#[derive(Debug, clap::Args)]
pub struct Fields {
    /// What kind of partner it is; decides what it may pass on (42 CFR 2.33) [default of a new one: other]
    #[arg(long, value_name = "KIND", value_parser = super::init::kinds())]
    kind: Option<String>,
    /// Where letters go
    #[arg(long, value_name = "TEXT")]
    address: Option<String>,
    /// Whom to phone
    #[arg(long, value_name = "NUMBER")]
    telephone: Option<String>,
    /// Where a letter can be faxed to
    #[arg(long, value_name = "NUMBER")]
    fax: Option<String>,
    /// It pays or employs us, or belongs to whom we belong to: the report of referrals counts it with our own
    #[arg(long)]
    affiliated: bool,
}

/// The kind of this word.
pub(super) fn kind(word: Option<&str>) -> Option<PartnerKind> {
    let word = word?;
    super::init::KINDS.into_iter().find(|(known, _)| *known == word).map(|(_, kind)| kind)
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Add { name, listing, fields, staff } => {
            let fields = PartnerFields {
                name,
                kind: kind(fields.kind.as_deref()),
                address: fields.address.unwrap_or_default(),
                telephone: fields.telephone.unwrap_or_default(),
                fax: fields.fax.unwrap_or_default(),
                listing,
                affiliated: fields.affiliated,
            };
            context.care::<PartnerView>(&staff, Care::PartnerAdd(fields))
        }
        Command::Edit { partner, name, independent, fields, staff } => {
            let edit = PartnerEdit {
                partner,
                name,
                kind: kind(fields.kind.as_deref()),
                address: fields.address,
                telephone: fields.telephone,
                fax: fields.fax,
                affiliated: if independent { Some(false) } else { fields.affiliated.then_some(true) },
            };
            context.care::<PartnerView>(&staff, Care::PartnerEdit(edit))
        }
        Command::Joined { partner, as_org, named_otherwise: sure, staff } => {
            context.care::<JoinedView>(&staff, Care::PartnerJoined(PartnerJoined { partner, as_org, sure }))
        }
        Command::List { staff } => context.care::<PartnersView>(&staff, Care::PartnerList),
    }
}
