//! The office as pages and the control socket meet it: who adds staff and binds the house, who guesses, and what a refusal leaves behind.

use super::*;
use crate::api::care::{AuditView, HoldSet, PersonFields, PersonsAsk};
use crate::api::views::{DoctorView, UserView, UsersView};
use crate::api::{FailureClass, Secret, StaffLogin};
use crate::ops::conditions::{FOLDER_OPEN, GUESSED, RESCUED};
use crate::system::Moment;
use crate::usecases::staff::StaffSession;
use crate::usecases::staff::throttle::{FREE_TRIES, LONGEST_WAIT, Way};
use belay_protocol::ids::TermsHash;
use belay_protocol::limits;
use serde::de::DeserializeOwned;

const OFFICER: &str = "privacy officer";

/// An office in a coalition of its own, without staff; and the folder in which it lies.
async fn office() -> (Office, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    let (driver, writer) = crate::usecases::tests::node(home.path()).await;
    (Office::new(driver, writer, Arc::new(Notify::new()), None, Folder::at(home.path())), home)
}

/// What each staff member signs in with.
fn own(name: &str) -> Secret {
    Secret::new(format!("lamp oil of {name} 7"))
}

fn login(name: &str) -> StaffLogin {
    StaffLogin { name: name.to_owned(), secret: own(name) }
}

fn wrong(name: &str) -> StaffLogin {
    StaffLogin { name: name.to_owned(), secret: Secret::new("what nobody has".to_owned()) }
}

fn add(name: &str, role: &str, by: Option<&str>) -> Request {
    let (name, role, secret) = (name.to_owned(), role.to_owned(), own(name));
    Request::UserAdd { name, full_name: String::new(), role, secret, login: by.map(login), rescue: false }
}

fn disable(name: &str, by: Option<&str>) -> Request {
    Request::UserDisable { name: name.to_owned(), disabled: true, login: by.map(login) }
}

fn passwd(name: &str, secret: &str, by: StaffLogin) -> Request {
    Request::UserPasswd { name: name.to_owned(), secret: Secret::new(secret.to_owned()), login: by }
}

impl Office {
    async fn done<V: DeserializeOwned>(&self, request: Request) -> V {
        match self.handle(request).await {
            Response::Done(value) => serde_json::from_value(value).unwrap(),
            Response::Failed(failure) => panic!("{failure:?}"),
        }
    }

    async fn refused(&self, request: Request) -> Failure {
        match self.handle(request).await {
            Response::Done(value) => panic!("it was done: {value}"),
            Response::Failed(failure) => failure,
        }
    }

    async fn session(&self, name: &str) -> StaffSession {
        self.sign_in(login(name)).await.unwrap()
    }

    /// Looks of one kind as the privacy officer reads them, in order: who, and what was asked.
    async fn looks(&self, officer: &StaffSession, of: &str) -> Vec<(String, String)> {
        let Response::Done(view) = self.care(officer.clone(), Care::Audit { limit: 1_000 }).await else {
            panic!("the looks are the privacy officer's to read")
        };
        let view: AuditView = serde_json::from_value(view).unwrap();
        let all = view.looks.into_iter().filter(|look| look.looked == of);
        let mut all: Vec<(String, String)> =
            all.map(|look| (look.staff.reveal().clone(), look.words.reveal().clone())).collect();
        all.sort();
        all
    }

    fn says(&self, code: &str) -> bool {
        self.driver.conditions().all().iter().any(|condition| condition.code == code)
    }
}

/// What nobody does for the house without signing in, once somebody could.
fn unattended() -> Vec<Request> {
    let (agreement, by, reason) = ("Harbor House".to_owned(), "Kim Roe".to_owned(), "it is over".to_owned());
    vec![
        add("kim", "nurse", None),
        disable("noor", None),
        Request::AgreementSign { agreement: agreement.clone(), terms: TermsHash([7; 32]), by: by.clone() },
        Request::AgreementEnd { agreement, reason, by },
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn once_there_was_a_privacy_officer_nobody_adds_staff_or_binds_the_house_without_signing_in() {
    let (office, _home) = office().await;
    office.done::<UserView>(add("noor", "navigator", None)).await;
    for request in unattended().split_off(2) {
        let class = office.refused(request).await.class;
        assert_eq!(class, FailureClass::Misuse, "there is no such agreement, and nobody who could sign in for it");
    }
    office.done::<UserView>(add("ida", OFFICER, None)).await;
    for request in unattended() {
        let failure = office.refused(request).await;
        assert_eq!(failure.class, FailureClass::NotPermitted, "{failure:?}");
    }
    for request in [add("kim", "nurse", Some("noor")), disable("ida", Some("noor"))] {
        assert_eq!(office.refused(request).await.class, FailureClass::NotPermitted, "a navigator is none");
    }
    let (name, role) = ("kim".to_owned(), "nurse".to_owned());
    let full_name = String::new();
    let shared =
        Request::UserAdd { name, full_name, role, secret: own("ida"), login: Some(login("ida")), rescue: false };
    assert!(office.refused(shared).await.message.contains("one of their own"));
    let kim: UserView = office.done(add("kim", "nurse", Some("ida"))).await;
    assert_eq!(kim.written, "ida");
    let called = |full_name: &str, by: Option<&str>| Request::UserRename {
        name: "kim".to_owned(),
        full_name: full_name.to_owned(),
        login: by.map(login),
    };
    assert_eq!(office.refused(called("Kim Lee", Some("noor"))).await.class, FailureClass::NotPermitted);
    assert_eq!(office.sign_in(login("kim")).await.unwrap().by().name.reveal(), "kim");
    let kim: UserView = office.done(called("Kim Lee", Some("ida"))).await;
    assert_eq!((kim.name.as_str(), kim.full_name.as_str()), ("kim", "Kim Lee"));
    assert_eq!(office.sign_in(login("kim")).await.unwrap().by().name.reveal(), "Kim Lee", "on whatever she writes");
    office.done::<UserView>(disable("kim", Some("ida"))).await;
    let all: UsersView = office.done(Request::UserList).await;
    let enabled: Vec<&str> = all.users.iter().filter(|user| user.enabled).map(|user| user.name.as_str()).collect();
    assert_eq!(enabled, ["ida", "noor"], "and what was refused added and let go nobody");
    office.driver.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_changed_with_the_old_one_or_by_the_privacy_officer_and_sessions_under_the_old_one_end() {
    let (office, _home) = office().await;
    office.done::<UserView>(add("ida", OFFICER, None)).await;
    for name in ["noor", "kim"] {
        office.done::<UserView>(add(name, "nurse", Some("ida"))).await;
    }
    let (noor, kim) = (office.session("noor").await, office.session("kim").await);
    let (first, second) = ("harbor violet seven", "ledger canopy nine");
    let refused = office.refused(passwd("noor", first, login("kim"))).await;
    assert_eq!(refused.class, FailureClass::NotPermitted, "another's is the privacy officer's to change");
    assert_eq!(office.refused(passwd("noor", first, wrong("noor"))).await.class, FailureClass::NotPermitted);
    assert!(office.refused(passwd("noor", "lamp oil of noor 7", login("noor"))).await.message.contains("another"));
    assert!(office.refused(passwd("noor", "short", login("noor"))).await.message.contains("characters"));
    assert!(office.holds(noor.clone()).await.unwrap(), "nothing of that changed anything");

    let by_herself: UserView = office.done(passwd("noor", first, login("noor"))).await;
    assert_eq!(by_herself.written, "ida", "that she may sign in was the privacy officer's word");
    assert!(!office.holds(noor).await.unwrap() && office.holds(kim).await.unwrap(), "hers ends, and no other");
    assert!(office.sign_in(login("noor")).await.is_err());
    let now = |secret: &str| StaffLogin { name: "noor".to_owned(), secret: Secret::new(secret.to_owned()) };
    office.sign_in(now(first)).await.unwrap();

    // Somebody else may know it: the privacy officer changes it while nobody signs in with it.
    office.done::<UserView>(disable("noor", Some("ida"))).await;
    let next = office.refused(add("noor", "nurse", Some("ida"))).await;
    assert!(next.next.unwrap_or_default().contains("belay user enable"), "the name is taken by who may come back");
    let out: UserView = office.done(passwd("noor", second, login("ida"))).await;
    assert!(!out.enabled);
    assert!(office.sign_in(now(second)).await.is_err());
    let enable = Request::UserDisable { name: "noor".to_owned(), disabled: false, login: Some(login("ida")) };
    assert!(office.done::<UserView>(enable).await.enabled);
    assert!(office.sign_in(now(first)).await.is_err());
    office.sign_in(now(second)).await.unwrap();
    office.driver.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn that_others_may_look_into_the_folder_is_said_as_long_as_it_is_so() {
    use std::os::unix::fs::PermissionsExt;
    let (office, home) = office().await;
    let set = |mode| std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    for (mode, open) in [(0o755, true), (0o700, false)] {
        set(mode);
        office.done::<DoctorView>(Request::Doctor { rebuild: false }).await;
        assert_eq!(office.says(FOLDER_OPEN), open, "{mode:o}");
    }
    office.driver.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_named_at_the_machine_without_the_privacy_officer_shows_to_everybody() {
    let (office, _home) = office().await;
    let rescue = |name: &str, role: &str| {
        let (name, role, secret) = (name.to_owned(), role.to_owned(), own(name));
        Request::UserAdd { name, full_name: String::new(), role, secret, login: None, rescue: true }
    };
    assert_eq!(office.refused(rescue("ola", OFFICER)).await.class, FailureClass::Misuse, "there was none yet");
    office.done::<UserView>(add("ida", OFFICER, None)).await;
    assert_eq!(office.refused(rescue("ola", "nurse")).await.class, FailureClass::Misuse);
    office.done::<StatusView>(Request::Status).await;
    assert!(!office.says(RESCUED) && office.about().await.unwrap().warning.is_none());
    let ola: UserView = office.done(rescue("ola", OFFICER)).await;
    assert!(ola.written.contains("without a privacy officer"), "{}", ola.written);
    let status: StatusView = office.done(Request::Status).await;
    assert!(status.conditions.iter().any(|condition| condition.code == RESCUED), "on the command line");
    let warning = office.about().await.unwrap().warning.expect("on each page");
    assert!(warning.contains("without the secret of one before"), "{warning}");
    office.driver.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_held_up_at_the_socket_as_at_the_pages_and_the_name_stands_in_the_record_of_looks() {
    let (office, _home) = office().await;
    office.done::<UserView>(add("ida", OFFICER, None)).await;
    office.done::<UserView>(add("noor", "navigator", Some("ida"))).await;
    let ida = office.session("ida").await;
    // Each way by which somebody comes has tries of its own, and who got in begins anew.
    for _ in 0..2 {
        for _ in 1..FREE_TRIES {
            assert!(matches!(office.enter(wrong("noor"), Way::Browser).await.unwrap(), Entered::Wrong(_)));
        }
        assert!(matches!(office.enter(login("noor"), Way::Browser).await.unwrap(), Entered::In(_)));
    }
    assert!(office.sign_in(wrong("noor")).await.unwrap_err().message.contains("no staff member"));
    // However slow this machine is, the wait that follows is not over when the next two ask.
    let mut now = Moment::now().plus(LONGEST_WAIT);
    for _ in 1..FREE_TRIES {
        let entered = office.enter_at(wrong("noor"), Way::Socket, || now).await.unwrap();
        assert!(matches!(entered, Entered::Wrong(_)), "{entered:?}");
    }
    let why = office.sign_in(login("noor")).await.unwrap_err();
    assert!(why.class == FailureClass::NotPermitted && why.message.contains("too many wrong secrets"), "{why:?}");
    let ask = Request::Care { login: login("noor"), ask: Box::new(Care::Audit { limit: 1 }) };
    assert!(office.refused(ask).await.message.contains("too many wrong secrets"), "whatever is asked");

    for tried in FREE_TRIES..limits::WRONG_SECRETS {
        assert!(!office.says(GUESSED), "after {tried}");
        now = now.plus(LONGEST_WAIT);
        let entered = office.enter_at(wrong("noor"), Way::Socket, || now).await.unwrap();
        assert!(matches!(entered, Entered::Wrong(_)), "{entered:?}");
    }
    assert!(office.says(GUESSED));
    let all = Care::PersonList(PersonsAsk { words: "".into(), limit: None });
    assert!(matches!(office.care(ida.clone(), all).await, Response::Done(_)));
    assert!(office.says(GUESSED), "until the looks are read");
    let looks = office.looks(&ida, "wrong_secrets").await;
    assert_eq!(looks.iter().map(|(who, _)| who.as_str()).collect::<Vec<_>>(), ["noor"]);
    assert!(!office.says(GUESSED), "who reads the looks has read of it");
    office.driver.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_office_refuses_stands_in_the_record_of_looks_though_its_step_is_dropped() {
    let (office, _home) = office().await;
    office.done::<UserView>(add("ida", OFFICER, None)).await;
    office.done::<UserView>(add("noor", "navigator", Some("ida"))).await;
    let noor = office.session("noor").await;
    let name = "Zephyrine Quillfeather";
    for ask in [Care::PersonShow { person: name.into() }, Care::Audit { limit: 5 }] {
        assert!(matches!(office.care(noor.clone(), ask).await, Response::Failed(_)));
    }
    let said = |words: &str| ("noor".to_owned(), words.to_owned());
    let looks = office.looks(&office.session("ida").await, "refused").await;
    assert_eq!(looks, [said("audit"), said(&format!("person_show {name}"))]);
    office.driver.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_an_act_would_be_done_is_said_and_nothing_of_it_happens() {
    let (office, _home) = office().await;
    office.done::<UserView>(add("ida", OFFICER, None)).await;
    office.done::<UserView>(add("noor", "navigator", Some("ida"))).await;
    let may = |login: StaffLogin, ask: Care| Request::May { login, ask: Box::new(ask) };
    let noor = office.session("noor").await;
    let fields = PersonFields { name: "Zephyrine Quillfeather".into(), ..PersonFields::default() };
    let Response::Done(added) = office.care(noor.clone(), Care::PersonAdd(fields.into())).await else {
        panic!("added")
    };
    let id = added["id"].as_str().unwrap().to_owned();
    let hold = |person: &str| Care::HoldSet(HoldSet { person: person.into(), why: "…".into(), order: None });
    office.done::<()>(may(login("noor"), hold(&id))).await;
    let Response::Done(holds) = office.care(noor.clone(), Care::HoldList { person: None }).await else {
        panic!("listed")
    };
    assert_eq!(holds["holds"].as_array().unwrap().len(), 0, "nothing happened");
    office.done::<()>(may(login("noor"), Care::PartnerList)).await;
    assert!(office.refused(may(wrong("noor"), Care::PartnerList)).await.message.contains("no staff member"));
    // As the act itself would be refused, and with the same trace.
    let strange = office.refused(may(login("noor"), hold(&"ab".repeat(32)))).await;
    let Response::Failed(itself) = office.care(noor, hold(&"ab".repeat(32))).await else {
        panic!("nobody is called so")
    };
    assert_eq!(strange.message, itself.message);
    let looks = office.looks(&office.session("ida").await, "refused").await;
    assert_eq!(looks.iter().filter(|(_, words)| words.starts_with("hold_set")).count(), 2);
    // Who is on record by a name, and what stands where, is a look.
    for ask in [hold("Zephyrine Quillfeather"), Care::PersonShow { person: id.as_str().into() }] {
        assert!(office.refused(may(login("noor"), ask)).await.message.contains("is not asked"));
    }
    office.driver.stop().await;
}
