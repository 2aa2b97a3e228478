//! Where referrals go.

use crate::args::StaffArgs;
use crate::commands::{Context, write_new};
use crate::output::{self, Page, Show};
use crate::trouble::Result;
use belay_node::api::care::{Care, ReportAsk, ReportView};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Report {
    /// First day, such as 2026-07-01
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// Last day
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// To be given to others, into this new file: one calendar quarter that is over, counts from 1 to 10 suppressed
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    #[command(flatten)]
    staff: StaffArgs,
}

impl Report {
    pub fn run(self, context: &Context) -> Result<()> {
        let ask = Care::ReferralReport(ReportAsk { from: self.from, to: self.to, share: self.export.is_some() });
        let report: ReportView = context.get_care(&self.staff, ask)?;
        if let Some(file) = &self.export {
            let mut page = Page::default();
            report.show(&mut page);
            write_new(file, &page.into_text())?;
            output::say(&format!("The report is in {}.", file.display()));
            return if context.json { context.show(&report) } else { Ok(()) };
        }
        context.show(&report)
    }
}
