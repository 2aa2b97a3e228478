//! `belay audit`: who looked at what, and whether the record of that is whole.

use super::Context;
use crate::args::StaffArgs;
use crate::trouble::{Result, Trouble};
use belay_node::api::care::{AuditCheckView, AuditView, Care};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// The newest looks, newest first
    Show {
        /// How many
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Whether the record of looks and disclosures is whole: signed, complete, in order, and the same in lists and entries
    ///
    /// It shows nothing of what was never written, nor that the newest entries were cut off before a partner or another machine of this
    /// organisation held them: who has this machine's key can sign a shorter record.
    Verify {
        #[command(flatten)]
        staff: StaffArgs,
    },
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Show { limit, staff } => context.care::<AuditView>(&staff, Care::Audit { limit }),
        Command::Verify { staff } => {
            let view: AuditCheckView = context.get_care(&staff, Care::AuditVerify)?;
            context.show(&view)?;
            match view.wrong {
                0 => Ok(()),
                wrong => Err(Trouble::failed(format!("the record is not whole: {wrong} to look into")).next(
                    "belay doctor, and the guide's page on machines and recovery; keep the newest backup as it is",
                )),
            }
        }
    }
}
