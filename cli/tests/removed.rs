//! An organisation that is taken out of the coalition: it is told so in clear words, by what it shows and what it refuses, and the
//! others have nothing more to do with it, until they let it in again.

mod support;

use support::coalition::{self, condition, until_condition, until_found, until_member, until_peers};
use support::{Node, stage, text};

fn states(node: &Node) -> Vec<(String, String)> {
    let view = node.json(&["org", "list"]);
    view["organisations"].as_array().unwrap().iter().map(|o| (text(&o["name"]), text(&o["state"]))).collect()
}

fn until_alone(node: &Node) {
    node.until(&["status"], "no peers", |s| (s["peers"] == 0).then_some(()));
}

#[test]
fn who_was_removed_knows_it_and_is_left_alone_until_it_is_let_in_again() {
    let stage = stage();
    let founder = Node::running(stage.path(), "Founder", "covered_entity");
    let mut second = Node::running(stage.path(), "Second", "other");
    coalition::gather(&[&founder, &second]);
    until_peers(&founder, 1);
    second.json(&["listing", "add", "name=A warm room"]);
    until_found(&founder, "warm room", "A warm room");

    founder.json(&["org", "remove", "Second", "--yes"]);
    let told = until_condition(&second, "removed");
    assert!(told.contains("Founder removed this organisation from Cedar County Network on 2"), "{told}");
    assert!(told.contains("telephone Founder") && told.contains("belay invite"), "{told}");
    let status = second.status();
    assert_eq!(
        (&status["standing"], &status["coalition"]["organisations"]),
        (&"removed".into(), &1.into()),
        "{status}"
    );
    let own = ("Second".to_owned(), "removed".to_owned());
    assert!(states(&second).contains(&own) && states(&founder).contains(&own), "{:?}", states(&second));
    let doctor = second.tell(&["doctor"]);
    assert_eq!(doctor.code, Some(1), "an error that `doctor` counts: {doctor:?}");
    assert!(doctor.out.contains("\"removed\""), "{doctor:?}");
    let refused = second.refused(&["invite"]);
    assert!(refused.contains("in its coalition no more") && refused.contains("belay status"), "{refused}");
    for words in [["listing", "add", "name=Another room"].as_slice(), &["leave", "--yes"]] {
        let refused = second.refused(words);
        assert!(refused.contains("coalition") && !refused.contains("space "), "{refused}");
    }

    // The link ends at both, and neither goes for the other again, also after a start: the founder's log has no knock on its door.
    until_alone(&founder);
    until_alone(&second);
    second.stop();
    second.set("BELAY_LOG", "warn,belay_node::driver=debug");
    second.start();
    until_condition(&second, "removed");
    assert!(!second.log().contains("going for a link"), "{}", second.log());
    assert_eq!(founder.status()["peers"], 0);

    // Let in again, by an invite as any newcomer.
    coalition::join(&founder, &second);
    until_member(&second);
    assert_eq!(condition(&second.status(), "removed"), None);
    founder.json(&["listing", "add", "name=Soup at noon"]);
    until_found(&second, "soup noon", "Soup at noon");
}
