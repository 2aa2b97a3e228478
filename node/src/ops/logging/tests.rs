use super::*;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn logged(work: impl FnOnce()) -> String {
    let sink = Sink::default();
    tracing::subscriber::with_default(Registry::default().with(Lines::new(sink.clone())), work);
    String::from_utf8(sink.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn planted_names_do_not_reach_the_log() {
    let name = "Planted Person";
    let lines = logged(|| {
        tracing::info!(person = name, "a referral came");
        tracing::warn!(name, born = ?Some(name), note = %format!("about {name}"), "a referral came");
        tracing::error!(staff = %name, count = 3, ok = true, "a referral came");
    });
    assert!(!lines.contains("Planted"), "{lines}");
    assert_eq!(lines.lines().count(), 3);
    assert_eq!(lines.matches("[redacted]").count(), 5);
    assert!(lines.contains("count=3 ok=true"));
}

#[test]
fn ids_numbers_and_allowed_fields_show() {
    let lines = logged(|| {
        tracing::info!(thread = "0123abcd", node = "anything", bytes = 7, why = "two\nlines", "sent");
    });
    assert!(lines.contains("sent thread=0123abcd node=anything bytes=7 why=two lines"), "{lines}");
}

fn sources(folder: PathBuf, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(path, found);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("logging/tests.rs") {
            found.push(path);
        }
    }
}

/// The calls of a macro in a source: what stands between its brackets.
fn calls<'s>(source: &'s str, name: &str) -> Vec<&'s str> {
    let opening = format!("{name}!(");
    source
        .match_indices(&opening)
        .filter_map(|(at, _)| {
            let rest = &source[at + opening.len()..];
            let mut depth = 1;
            let end = rest.char_indices().find(|(_, c)| {
                depth += i32::from(*c == '(') - i32::from(*c == ')');
                depth == 0
            });
            end.map(|(end, _)| &rest[..end])
        })
        .collect()
}

/// Whether the text of a log call, its last argument, is put together at run time.
fn put_together(call: &str) -> bool {
    match call.rfind('"') {
        Some(end) => {
            let begin = call[..end].rfind('"').map_or(0, |b| b + 1);
            call[begin..end].contains('{') || !call[end + 1..].trim().trim_start_matches(',').is_empty()
        }
        None => true,
    }
}

#[test]
fn the_check_of_log_texts_sees_what_it_looks_for() {
    assert!(put_together(r#"node = %x, "hello {name}""#));
    assert!(put_together(r#""hello {}", name"#));
    assert!(put_together("name"));
    assert!(!put_together("\n    node = %x.short(),\n    \"hello\",\n"));
}

#[test]
fn no_log_text_of_ours_is_put_together_at_run_time() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    for folder in ["node/src", "protocol/src", "cli/src"] {
        sources(root.join(folder), &mut files);
    }
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        for level in ["trace", "debug", "info", "warn", "error"] {
            for call in calls(&source, &format!("tracing::{level}")) {
                seen += 1;
                if put_together(call) {
                    wrong.push(format!("{}: {}", file.display(), call.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "put what varies into fields: {wrong:#?}");
    assert!(seen > 0);
}
