//! Views about partners off the network, for people.

use super::{Page, Show, word};
use belay_node::api::care::{LetterView, PartnerView, PartnersView};

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
        ];
        let filled: Vec<_> = all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        page.fields(&filled);
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

impl Show for LetterView {
    fn show(&self, page: &mut Page) {
        page.line(self.text.reveal().trim_end());
    }
}
