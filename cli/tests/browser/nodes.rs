//! Two nodes of one coalition, each a process of its own.

use belay_node::api::agreements::{AgreementsView, Fields, TieFields, TieWord};
use belay_node::api::care::{
    Care, ConsentDraft, ConsentSign, ConsentView, ExpiryRequest, ListAsk, PersonFields, PersonView, Send, ThreadView,
    ThreadsView,
};
use belay_node::api::views::{InviteView, OrgsView, StatusView};
use belay_node::api::{Request, Response, Secret, StaffLogin};
use belay_node::config::Folder;
use belay_node::control;
use belay_protocol::referral::{Information, Urgency};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub const STAFF: &str = "dora";
pub const DIRECTOR: &str = "Ivo Marsh";
pub const SECRET: &str = "a secret of her own";
const PATIENCE: Duration = Duration::from_secs(90);

/// A running node. Dropped, it is told to stop.
pub struct Node {
    name: &'static str,
    folder: PathBuf,
    process: Child,
}

/// A hospital that founded a coalition and a clinic that joined it, each with one staff member.
pub fn pair(folder: &Path) -> (Node, Node) {
    let hospital = Node::start(folder, "County Hospital", "covered_entity");
    let clinic = Node::start(folder, "Ridge Clinic", "part2_program");
    hospital.done::<serde_json::Value>(&Request::Found { name: "Ridge Counties".to_owned() });
    let invite: InviteView = hospital.done(&Request::Invite { org: None, hours: 1, file: false });
    clinic.done::<serde_json::Value>(&Request::Join { code: Secret::new(invite.code) });
    let waiting = hospital.until("the clinic waits for approval", || {
        let all: OrgsView = hospital.done(&Request::OrgList);
        all.organisations.into_iter().find(|org| org.state == "waiting")
    });
    hospital.done::<serde_json::Value>(&Request::OrgApprove { org: waiting.id.to_string() });
    clinic.until("the clinic is a member", || clinic.done::<StatusView>(&Request::Status).coalition);
    let fields =
        [("name", "Rides to treatment"), ("description", "<script>document.title='taken'</script> Volunteers drive.")];
    let fields: BTreeMap<String, String> = fields.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    hospital.done::<serde_json::Value>(&Request::ListingAdd { kind: "service".to_owned(), fields });
    clinic.until("the listing has arrived", || {
        let counts = clinic.done::<StatusView>(&Request::Status).counts;
        (counts.listings > 0).then_some(())
    });
    (hospital, clinic)
}

impl Node {
    fn start(parent: &Path, name: &'static str, kind: &str) -> Self {
        let folder = parent.join(kind);
        let passphrase = parent.join("passphrase");
        std::fs::write(&passphrase, "seven words that nobody guesses\n").expect("a file is written");
        let program = env!("CARGO_BIN_EXE_belay");
        let made = Command::new(program)
            .args(["init", "--org", name, "--kind", kind, "--data"])
            .arg(&folder)
            .arg("--passphrase-file")
            .arg(&passphrase)
            .arg("--phrase-file")
            .arg(parent.join(format!("phrase-{kind}")))
            .output()
            .expect("belay starts");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let process = Command::new(program)
            .args(["run", "--listen", "/ip4/127.0.0.1/udp/0/quic-v1", "--http", "127.0.0.1:0", "--data"])
            .arg(&folder)
            .arg("--passphrase-file")
            .arg(&passphrase)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("belay starts");
        let node = Self { name, folder, process };
        node.until("it answers", || node.ask::<StatusView>(&Request::Status).ok());
        let secret = Secret::new(SECRET.to_owned());
        let add = Request::UserAdd {
            name: STAFF.to_owned(),
            full_name: String::new(),
            role: "nurse".to_owned(),
            secret,
            login: None,
            rescue: false,
        };
        node.done::<serde_json::Value>(&add);
        node
    }

    /// Somebody who may sign for the organisation.
    pub fn director(&self) {
        let secret = Secret::new(SECRET.to_owned());
        let add = Request::UserAdd {
            name: DIRECTOR.to_owned(),
            full_name: String::new(),
            role: "director".to_owned(),
            secret,
            login: None,
            rescue: false,
        };
        self.done::<serde_json::Value>(&add);
    }

    /// Drafts an agreement that ties the other organisation to this one.
    pub fn draft_tie(&self, with: &Self) {
        let tie = TieFields {
            kind: Some(TieWord::Service),
            they_are_the_program: Some(true),
            services: Some("drives people to their appointments".to_owned()),
            information: Some(vec![Information::Referral, Information::Identity]),
        };
        let fields = Fields { with: with.name.to_owned(), tie: Some(tie), ..Fields::default() };
        self.done::<serde_json::Value>(&Request::AgreementDraft(Box::new(fields)));
    }

    /// Until the agreement stands so.
    pub fn wait_for_agreement(&self, state: &str) {
        self.until("the agreement has come", || {
            let all: AgreementsView = self.done(&Request::AgreementList);
            all.agreements.iter().any(|row| row.state == state).then_some(())
        });
    }

    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Where its pages are.
    pub fn url(&self) -> String {
        self.done::<StatusView>(&Request::Status).http.expect("pages are served")
    }

    /// Refers Ada Wick to the other organisation, and says under which id.
    pub fn refer(&self, to: &Self) -> String {
        let person: PersonView = self.care(Care::PersonAdd(
            PersonFields { name: "Ada Wick".into(), birth_date: "1991-04-02".into(), ..PersonFields::default() }.into(),
        ));
        let consent: ConsentView = self.care(Care::ConsentDraft(ConsentDraft {
            person: person.id.to_string().as_str().into(),
            to: vec![to.name.to_owned()],
            tell: vec![Information::Referral, Information::Identity, Information::Social],
            back: Some(vec![Information::Referral]),
            purpose: "treatment".to_owned(),
            expiry: ExpiryRequest::Never,
            ..ConsentDraft::default()
        }));
        let consent: ConsentView = self.care(Care::ConsentSign(ConsentSign {
            attested: true,
            consent: consent.id.to_string(),
            typed: "Ada Wick".into(),
            ..ConsentSign::default()
        }));
        let reason = "Started buprenorphine last night, wants to go on.".into();
        let least = Send::new(consent.id.to_string(), reason, Urgency::Urgent);
        let ask = Care::ReferralSend(Send { needs: vec!["a ride".into()], ..least });
        let thread: ThreadView = self.care(ask);
        thread.row.id.to_string()
    }

    /// Until the thread is here, and says who the person is.
    pub fn wait_for_thread(&self, thread: &str) {
        self.until("the referral has arrived", || {
            let all: ThreadsView = self.care(Care::ReferralList(ListAsk::default()));
            all.threads.into_iter().find(|row| row.id.to_string() == thread && row.name.is_some())
        });
    }

    /// Until the thread has come to this business status.
    pub fn wait_for(&self, thread: &str, business: &str) {
        self.until("the answer has come back", || {
            let all: ThreadsView = self.care(Care::ReferralList(ListAsk::default()));
            let row = all.threads.into_iter().find(|row| row.id.to_string() == thread)?;
            (row.business.as_deref() == Some(business)).then_some(())
        });
    }

    fn care<V: DeserializeOwned>(&self, ask: Care) -> V {
        let login = StaffLogin { name: STAFF.to_owned(), secret: Secret::new(SECRET.to_owned()) };
        self.done(&Request::Care { login, ask: Box::new(ask) })
    }

    fn done<V: DeserializeOwned>(&self, request: &Request) -> V {
        self.ask(request).unwrap_or_else(|why| panic!("{}: {why}", self.name))
    }

    fn ask<V: DeserializeOwned>(&self, request: &Request) -> Result<V, String> {
        let folder = Folder::at(&self.folder);
        match control::call(&folder, request) {
            Ok(Response::Done(value)) => serde_json::from_value(value).map_err(|e| e.to_string()),
            Ok(Response::Failed(failure)) => Err(failure.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(Instant::now() < deadline, "{}: in vain until {what}", self.name);
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _: Result<serde_json::Value, String> = self.ask(&Request::Stop);
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
