//! Views about partners off the network, inquiries, options and the report, for people.

use super::{Page, Show, when, word};
use belay_node::api::care::{
    InquiriesView, InquiryView, JoinedView, LetterView, OptionsView, PartnerView, PartnersView, ReportView,
};

impl Show for PartnerView {
    fn show(&self, page: &mut Page) {
        let affiliated = if self.affiliated { "yes: counted with our own in the report" } else { "" };
        let all = [
            ("partner", self.id.to_string()),
            ("name", self.name.clone()),
            ("kind", word(&self.kind)),
            ("address", self.address.clone()),
            ("telephone", self.telephone.clone()),
            ("fax", self.fax.clone()),
            ("listing", self.listing.clone().unwrap_or_default()),
            ("affiliated", affiliated.to_owned()),
            ("on the network", self.joined.map_or_else(String::new, |org| format!("as {}", org.short()))),
        ];
        let filled: Vec<_> = all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        page.fields(&filled);
    }
}

impl Show for JoinedView {
    fn show(&self, page: &mut Page) {
        page.line(format!("{} is named as {} from now on.", self.partner.name, self.member));
        if self.referrals.is_empty() {
            return;
        }
        page.line("For the network each of these needs a new consent that names it there; until then letters go on:");
        for row in &self.referrals {
            let name = row.name.as_ref().map(|name| name.reveal().clone()).unwrap_or_default();
            page.line(format!("    {} {name}: {}", row.id.short(), row.state));
        }
    }
}

impl Show for PartnersView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .partners
            .iter()
            .map(|p| vec![p.id.short(), p.name.clone(), word(&p.kind), p.telephone.clone(), p.address.clone()])
            .collect();
        page.table(
            &["ID", "NAME", "KIND", "TELEPHONE", "ADDRESS"],
            &rows,
            "No partner off the network: belay partner add.",
        );
    }
}

/// Where the directory does not say where we are.
pub const NO_REACH: &str = "Warning: the letter asks to call or write back, and has neither an address nor a telephone of this organisation. Publish them: \
     belay listing add --kind organization name=\"YOUR NAME\" phone.1.number=... address.1.address_1=...; then print the letter anew.";

impl Show for LetterView {
    fn show(&self, page: &mut Page) {
        page.line(self.text.reveal().trim_end());
        if self.no_reach {
            super::say(NO_REACH);
        }
    }
}

/// A table of inquiries.
pub fn inquiries(page: &mut Page, inquiries: &[InquiryView]) {
    let rows: Vec<Vec<String>> = inquiries
        .iter()
        .map(|i| {
            let open = if i.aside.is_some() { "laid aside" } else { "not answered" };
            let reply = i.reply.map_or_else(|| open.to_owned(), |reply| reply.words());
            let wanted = i.asked.wanted.word().replace('_', " ");
            vec![i.id.short(), i.direction.clone(), reply, i.other_name.clone(), wanted, when(i.at)]
        })
        .collect();
    page.table(&["ID", "WAY", "ANSWER", "WITH", "WANTED", "ASKED"], &rows, "No inquiries: belay referral inquire.");
}

impl Show for InquiriesView {
    fn show(&self, page: &mut Page) {
        inquiries(page, &self.inquiries);
        for inquiry in self.inquiries.iter().filter(|i| i.reply.is_none() && i.script.is_some()) {
            page.gap().line(by_telephone(inquiry));
        }
    }
}

/// What to say, and whom to phone.
fn by_telephone(inquiry: &InquiryView) -> String {
    let number = if inquiry.telephone.is_empty() { "no number known: belay partner edit" } else { &inquiry.telephone };
    let script = inquiry.script.as_deref().unwrap_or_default();
    format!("Phone {} ({number}) and say:\n{}", inquiry.other_name, script.trim_end())
}

impl Show for InquiryView {
    fn show(&self, page: &mut Page) {
        let needs: Vec<&str> = self.asked.needs.iter().map(|need| need.word()).collect();
        let all = [
            ("inquiry", self.id.to_string()),
            ("with", format!("{} ({})", self.other_name, self.direction)),
            ("wanted", self.asked.wanted.word().to_owned()),
            ("when", self.asked.within.words().to_owned()),
            ("urgency", word(&self.asked.urgency)),
            ("age", self.asked.age.word().to_owned()),
            ("payer", self.asked.payer.word().to_owned()),
            ("medication", self.asked.medication.word().to_owned()),
            ("language", self.asked.language.word().to_owned()),
            ("needs", needs.join(", ")),
            ("answer", self.reply.map_or_else(|| "none yet".to_owned(), |reply| reply.words())),
            ("heard from", self.heard_from.as_ref().map(|from| from.reveal().clone()).unwrap_or_default()),
            ("led to", self.led_to.iter().map(|thread| thread.short()).collect::<Vec<_>>().join(", ")),
        ];
        let waits = self.due.as_ref().map_or_else(String::new, |due| due.what.clone());
        let phone = self.due.as_ref().and_then(|due| due.phone.as_ref());
        let phone = phone.map_or_else(String::new, |phone| format!("{} {}", phone.who, phone.telephone));
        let aside = self.aside.as_ref().map_or_else(String::new, |aside| {
            let said = format!("by {} {}", aside.staff.reveal(), when(aside.at));
            [said.as_str(), aside.why.reveal()]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(": ")
        });
        let all = all.into_iter().chain([("laid aside", aside), ("waits", waits), ("phone", phone)]);
        let filled: Vec<_> = all.filter(|(_, value)| !value.is_empty()).collect();
        page.fields(&filled);
        if self.script.is_some() && self.reply.is_none() {
            page.gap().line(by_telephone(self));
        }
    }
}

impl Show for OptionsView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = (1..)
            .zip(&self.shown)
            .map(|(at, (id, name)): (u32, &(String, String))| vec![at.to_string(), name.clone(), id.clone()])
            .collect();
        page.table(&["", "NAME", "LISTING"], &rows, "Nothing fits; nothing was shown.");
        page.gap().line(match self.shown.as_slice() {
            [] => format!(
                "Kept as {}. Where there is only one to go to: belay referral send --only-option.",
                self.id.short()
            ),
            _ => format!("Kept as {}. When the person has chosen: belay referral send --chosen.", self.id.short()),
        });
    }
}

impl Show for ReportView {
    fn show(&self, page: &mut Page) {
        let cell = |count: Option<u64>| count.map_or_else(|| "suppressed".to_owned(), |n| n.to_string());
        let day = |day: &Option<String>| day.clone().unwrap_or_else(|| "...".to_owned());
        page.fields(&[
            ("organisation", self.organisation.clone()),
            ("sent", format!("{} to {}", day(&self.from), day(&self.to))),
            ("referrals", cell(self.total)),
            ("to ourselves or affiliated", cell(self.own)),
            ("to others", cell(self.others)),
            ("the person chose", cell(self.chosen)),
            ("only one option", cell(self.only_one)),
            ("not recorded", cell(self.not_recorded)),
        ]);
        if let (Some(total @ 1..), Some(own), Some(chosen), false) =
            (self.total, self.own, self.chosen, self.suppressed)
        {
            page.line(format!(
                "{}% to ourselves or affiliated; options shown for {}%.",
                100 * own / total,
                100 * chosen / total
            ));
        }
        let tables = [
            ("STAFF", &self.by_staff, "No staff member sent a referral in this time."),
            ("PARTNER", &self.by_partner, "No partner was referred to in this time."),
            ("SERVICE", &self.by_service, "No referral of this time names a service."),
        ];
        for (head, cells, none) in tables {
            let rows: Vec<Vec<String>> = cells.iter().map(|c| vec![c.name.clone(), cell(c.count)]).collect();
            page.gap().table(&[head, "REFERRALS"], &rows, none);
        }
        if !self.across.is_empty() {
            let own = |own: bool| if own { "yes" } else { "no" }.to_owned();
            let rows: Vec<Vec<String>> = self
                .across
                .iter()
                .map(|row| vec![row.staff.clone(), row.partner.clone(), own(row.own), row.count.to_string()])
                .collect();
            page.gap().table(&["STAFF", "TO", "OURSELVES OR AFFILIATED", "REFERRALS"], &rows, "");
        }
        if self.suppressed {
            page.gap().line("Counts from 1 to 10, and those from which one could be told, are suppressed.");
        }
    }
}
