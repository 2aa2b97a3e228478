//! The demo's summary, for people.

use super::{Page, Show};
use belay_node::demo::Report;

impl Show for Report {
    fn show(&self, page: &mut Page) {
        let rows: Vec<Vec<String>> = self
            .organisations
            .iter()
            .map(|o| {
                vec![
                    o.name.clone(),
                    o.user.clone(),
                    o.secret.clone(),
                    o.data.clone(),
                    o.http.clone().unwrap_or_default(),
                ]
            })
            .collect();
        page.table(&["ORGANISATION", "USER", "SECRET", "DATA", "PAGES"], &rows, "No organisations.");
        page.gap().line(format!("{} listings at each node.", self.listings)).gap();
        let rows: Vec<Vec<String>> = self
            .checks
            .iter()
            .map(|c| vec![if c.ok { "holds" } else { "BROKEN" }.to_owned(), c.name.clone(), c.detail.clone()])
            .collect();
        page.table(&["CHECK", "WHAT", "FOUND"], &rows, "No checks.");
        let rows: Vec<Vec<String>> = self.figures.iter().map(|(k, v)| vec![k.clone(), v.to_string()]).collect();
        page.gap().table(&["FIGURE", "VALUE"], &rows, "No figures.");
    }
}
