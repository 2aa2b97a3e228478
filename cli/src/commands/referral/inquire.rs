//! A question that names nobody.

use crate::args::StaffArgs;
use crate::commands::Context;
use crate::trouble::Result;
use belay_node::api::care::{Care, Inquire as Ask, InquiriesView};
use belay_protocol::referral::Urgency;
use belay_protocol::referral::inquiry::{AgeBand, Inquiry, Language, Medication, Need, Payer, Wanted, Within};
use clap::builder::PossibleValuesParser;

#[derive(Debug, clap::Args)]
pub struct Inquire {
    /// Whom to ask; several are asked apart from each other, and none learns of another
    #[arg(long, value_name = "ORG", required = true)]
    to: Vec<String>,
    /// What is needed
    #[arg(long, value_name = "KIND", value_parser = PossibleValuesParser::new(Wanted::WORDS))]
    kind_of_service: String,
    /// Age; all over 89 are one band
    #[arg(long, value_name = "BAND", default_value = "unknown", value_parser = PossibleValuesParser::new(AgeBand::WORDS))]
    age: String,
    /// Who would pay
    #[arg(long, value_name = "PAYER", default_value = "unknown", value_parser = PossibleValuesParser::new(Payer::WORDS))]
    payer: String,
    /// Medication for substance use disorder
    #[arg(long, value_name = "MEDICATION", default_value = "unknown", value_parser = PossibleValuesParser::new(Medication::WORDS))]
    medication: String,
    /// What the place must be able to do; may stand more than once
    #[arg(long, value_name = "NEED", value_parser = PossibleValuesParser::new(Need::WORDS))]
    need: Vec<String>,
    /// The person's language
    #[arg(long, value_name = "LANGUAGE", default_value = "unknown", value_parser = PossibleValuesParser::new(Language::WORDS))]
    language: String,
    /// Within how many days, rounded up to a band: 0, 1, 3, 7, 14, 30, 60, 90, later
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    within: u32,
    /// It can not wait
    #[arg(long)]
    urgent: bool,
    #[command(flatten)]
    staff: StaffArgs,
}

impl Inquire {
    pub fn run(self, context: &Context) -> Result<()> {
        let asked = Inquiry {
            wanted: Wanted::from_word(&self.kind_of_service).unwrap_or(Wanted::Other),
            age: AgeBand::from_word(&self.age).unwrap_or(AgeBand::Unknown),
            payer: Payer::from_word(&self.payer).unwrap_or(Payer::Unknown),
            medication: Medication::from_word(&self.medication).unwrap_or(Medication::Unknown),
            needs: self.need.iter().filter_map(|need| Need::from_word(need)).collect(),
            urgency: if self.urgent { Urgency::Urgent } else { Urgency::Routine },
            language: Language::from_word(&self.language).unwrap_or(Language::Other),
            within: Within::days(self.within),
        };
        context.care::<InquiriesView>(&self.staff, Care::Inquire(Ask { to: self.to, asked }))
    }
}
