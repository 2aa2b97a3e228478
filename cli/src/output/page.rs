//! Text for people: lines, labelled values, tables.

/// A text under construction.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
}

impl Page {
    pub fn line(&mut self, line: impl AsRef<str>) -> &mut Self {
        self.text.push_str(&super::clean(line.as_ref()));
        self.text.push('\n');
        self
    }

    pub fn gap(&mut self) -> &mut Self {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self
    }

    /// `label  value`, the values in one column.
    pub fn fields<V: AsRef<str>>(&mut self, fields: &[(&str, V)]) -> &mut Self {
        let width = fields.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
        for (label, value) in fields {
            let mut lines = value.as_ref().lines();
            self.line(format!("{label:width$}  {}", lines.next().unwrap_or_default()).trim_end());
            for more in lines {
                self.line(format!("{:width$}  {more}", ""));
            }
        }
        self
    }

    /// A table; each column as wide as its widest cell. `none` is said where there are no rows.
    pub fn table(&mut self, heads: &[&str], rows: &[Vec<String>], none: &str) -> &mut Self {
        if rows.is_empty() {
            return self.line(none);
        }
        let width = |column: usize| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .chain(heads.get(column).map(|h| (*h).to_owned()).iter())
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..heads.len()).map(width).collect();
        let mut put = |cells: &mut dyn Iterator<Item = &str>| {
            let mut line = String::new();
            for (cell, width) in cells.zip(&widths) {
                let cell = super::clean(cell).replace('\n', " ");
                line.push_str(&format!("{cell:width$}  "));
            }
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        };
        put(&mut heads.iter().copied());
        for row in rows {
            put(&mut row.iter().map(String::as_str));
        }
        self
    }

    pub fn into_text(self) -> String {
        self.text
    }
}
