//! The join by three files, for machines that can not reach each other:
//!
//! 1. [`Inviter::invite_file`]: the code, and who invites to what. As secret as the code.
//! 2. [`claim_file`]: the newcomer's claim, signed by its node. Holds no secret.
//! 3. [`Inviter::welcome_file`]: the control entries, sealed to the newcomer's prekey, with the MAC of the invite's secret and the
//!    signature of a node of the inviter's, with its certificate. Who finds it learns nothing of the roster.
//!
//! The six words are made of the same transcript as over a link. The inviter's random bytes stand in the first file; the
//! newcomer's come after it, so that neither side's are known to who could change the other's.

use super::inviter::Inviter;
use super::{Approved, Claim, Join, Offering, Party};
use crate::coalition::invite::armor::{self, Paper};
use crate::coalition::invite::{Code, Invite, InviteSecret, Refusal, Stage};
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{InviteId, SpaceId};
use crate::keys::digest::{hmac, same, sha256};
use crate::keys::node::{Purpose, verify};
use crate::keys::seal::{self, EpochKey, Packed};
use crate::keys::{Certificate, NodeKey, PrekeySecret, Signature, Wrap, wrap};
use crate::limits;
use crate::random::{self, Random};
use crate::store::Draft;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const CLAIM_TAG: &[u8] = b"belay claim file v1\0";
const WELCOME_TAG: &[u8] = b"belay welcome file v1\0";

#[derive(Serialize, Deserialize)]
struct InviteFile {
    code: Code,
    offering: Offering,
}

#[derive(Serialize, Deserialize)]
struct ClaimFile {
    claim: Claim,
    signature: Signature,
}

/// What the MAC and the signature of a welcome cover.
#[derive(Serialize, Deserialize)]
struct Welcoming {
    invite: InviteId,
    transcript: [u8; 32],
    coalition: SpaceId,
    /// A key for this file alone, wrapped to the newcomer's prekey.
    wrap: Wrap,
    /// The encoded [`Approved`], in parts of at most [`PART`] bytes, each sealed under that key.
    parts: Vec<Vec<u8>>,
}

#[derive(Serialize, Deserialize)]
struct WelcomeFile {
    welcoming: Welcoming,
    proof: [u8; 32],
    /// Of the machine that writes it, which need not be the one that made the invite.
    certificate: Certificate,
    signature: Signature,
}

const PART: usize = limits::BODY_BYTES;

impl Inviter<'_> {
    /// The first file: an invite for who can not reach us.
    ///
    /// # Errors
    /// `Store`.
    pub fn invite_file(
        &self,
        draft: &mut Draft<'_>,
        mut invite: Invite,
        random: &mut dyn Random,
    ) -> Result<Zeroizing<String>> {
        let code = invite.code(self.me.org());
        let offering = self.offering(&invite, random::array(random))?;
        invite.file_offering = Some(codec::encode(&offering));
        invite.save(draft);
        let content = Zeroizing::new(codec::encode(&InviteFile { code, offering }));
        Ok(Zeroizing::new(armor::write(Paper::Invite, &content)))
    }

    /// Takes the second file: who wants to join. The steward compares the words of the returned invite, then approves it.
    ///
    /// # Errors
    /// `NotPermitted` with the sentence for the inviter, if the claim is refused; `Malformed` for a damaged file; `Store`.
    pub fn take_claim_file(
        &self,
        draft: &mut Draft<'_>,
        text: &str,
        now: Time,
        random: &mut dyn Random,
    ) -> Result<Invite> {
        let content = armor::read_as(Paper::Claim, text)?;
        let ClaimFile { claim, signature } = codec::decode("claim file", &content)?;
        let node = claim.claiming.party.node();
        if !verify(&node.0, Purpose::Handshake, &[CLAIM_TAG, &codec::encode(&claim)], &signature) {
            return Err(Fault::malformed("claim file: not signed by the node that it names"));
        }
        let offered = Invite::load(draft, claim.claiming.invite)?.and_then(|invite| invite.file_offering);
        let offered = offered.map(|bytes| codec::decode("own offer", &bytes)).transpose();
        let offered = offered.map_err(|fault| Fault::store(fault.message))?;
        self.claimed(draft, node, &claim, offered, now, random)?
            .map(|(_, invite)| invite)
            .map_err(|refusal| Fault::not_permitted(from_file(refusal)))
    }

    /// The third file, for an approved invite: all that the newcomer needs. Marks the invite as used.
    ///
    /// # Errors
    /// `Misuse`, if the invite is not approved; `Store`.
    pub fn welcome_file(
        &mut self,
        draft: &mut Draft<'_>,
        invite: Invite,
        key: &NodeKey,
        now: Time,
        random: &mut dyn Random,
    ) -> Result<String> {
        let claims = invite.claims();
        let Some(claimed) = claims.iter().find(|claimed| claimed.stage != Stage::Waits).map(|found| (*found).clone())
        else {
            return Err(Fault::misuse("approve the newcomer first; then its welcome file can be written"));
        };
        let file_key = EpochKey::generate(random);
        let wrapped =
            wrap::wrap(&claimed.certificate.prekey, WELCOME_TAG, &claimed.transcript, file_key.as_bytes(), random)?;
        let content = codec::encode(&self.everything(draft, invite.coalition)?);
        let count = content.chunks(PART).len();
        let parts = content
            .chunks(PART)
            .enumerate()
            .map(|(index, part)| {
                seal::seal(&file_key, &header(&claimed.transcript, index, count), &Packed::new(part)?, random)
            })
            .collect::<Result<Vec<_>>>()?;
        let welcoming = Welcoming {
            invite: invite.id(),
            transcript: claimed.transcript,
            coalition: invite.coalition,
            wrap: wrapped,
            parts,
        };
        let digest = digest(&welcoming);
        let proof = proof(invite.secret(), &digest);
        let certificate = self.me.certificate.clone();
        let signature = key.sign(Purpose::Handshake, &[WELCOME_TAG, &digest, &proof]);
        invite.used(draft, claimed.node(), now);
        Ok(armor::write(Paper::Welcome, &codec::encode(&WelcomeFile { welcoming, proof, certificate, signature })))
    }
}

/// Begins a join from the first file. What it gives says who invites to what ([`Join::offering`]) and the words.
///
/// # Errors
/// `Malformed` for a damaged file, `Misbehaved` for one that contradicts itself, `Misuse` as [`Join::begin`].
pub fn take_invite_file(
    draft: &mut Draft<'_>,
    text: &str,
    me: &Party,
    now: Time,
    random: &mut dyn Random,
) -> Result<Join> {
    let content = Zeroizing::new(armor::read_as(Paper::Invite, text)?);
    let InviteFile { code, offering } = codec::decode("invite file", &content)?;
    let mut join = Join::begin(draft, code, me, now, random)?;
    if join.offering().is_none() {
        join.welcomed(draft, offering)?;
    }
    Ok(join)
}

/// The second file: our claim, to be carried to the inviter.
#[must_use]
pub fn claim_file(join: &Join, key: &NodeKey) -> String {
    let claim = join.claim(join.code().node);
    let signature = key.sign(Purpose::Handshake, &[CLAIM_TAG, &codec::encode(&claim)]);
    armor::write(Paper::Claim, &codec::encode(&ClaimFile { claim, signature }))
}

/// Takes the third file: gives the join that it completes, and the control entries and addresses.
///
/// # Errors
/// `Misuse`, if no join of ours waits for it; `Malformed` for a damaged file; `Misbehaved` if it is not the inviter's.
pub fn take_welcome_file(draft: &Draft<'_>, text: &str, prekey: &PrekeySecret) -> Result<(Join, Approved)> {
    let content = armor::read_as(Paper::Welcome, text)?;
    let WelcomeFile { welcoming, proof: came, certificate, signature } = codec::decode("welcome file", &content)?;
    let join = Join::load(draft, welcoming.invite)?.ok_or_else(|| {
        Fault::misuse("this welcome is for another node, or for an invite that this node did not come with")
    })?;
    let (true, Some(transcript)) = (join.offering().is_some(), join.transcript()) else {
        return Err(Fault::misuse("this node has not heard of the inviter yet; join with the invite's file first"));
    };
    let digest = digest(&welcoming);
    let by_inviter = certificate.verify().is_ok_and(|org| org == join.code().org)
        && verify(&certificate.node.0, Purpose::Handshake, &[WELCOME_TAG, &digest, &came], &signature);
    if !by_inviter || !same(&proof(&join.code().secret, &digest), &came) || &welcoming.transcript != transcript {
        return Err(Fault::misbehaved(
            "welcome file: not made by the inviter for this claim; compare the six words again, and ask for a new file",
        ));
    }
    let key = wrap::open(prekey, &welcoming.wrap, WELCOME_TAG, transcript)?;
    let key = EpochKey::from_slice(&key).ok_or_else(|| Fault::malformed("welcome file: its key has another length"))?;
    let mut content = Vec::new();
    for (index, part) in welcoming.parts.iter().enumerate() {
        content.extend_from_slice(&seal::open(&key, &header(transcript, index, welcoming.parts.len()), part)?);
        if content.len() > limits::JOIN_FILE_BYTES {
            return Err(Fault::malformed(format!("welcome file: opens to over {} bytes", limits::JOIN_FILE_BYTES)));
        }
    }
    let approved: Approved = codec::decode("welcome file", &content)?;
    join.check_page(&approved)?;
    if approved.from != 0 || approved.next.is_some() {
        return Err(Fault::misbehaved("welcome file: holds a part of the roster only"));
    }
    Ok((join, approved))
}

fn header(transcript: &[u8; 32], index: usize, count: usize) -> Vec<u8> {
    codec::encode(&(transcript, index, count))
}

fn digest(welcoming: &Welcoming) -> [u8; 32] {
    sha256(WELCOME_TAG, &[&codec::encode(welcoming)])
}

fn proof(secret: &InviteSecret, digest: &[u8; 32]) -> [u8; 32] {
    hmac(secret.as_bytes(), WELCOME_TAG, &[digest])
}

/// A refusal as the inviter reads it, who holds the file in hand.
fn from_file(refusal: Refusal) -> String {
    match refusal {
        Refusal::Unknown => {
            "claim file: made with an invite that this node does not know; was it made at another node, of which word has not come here yet?".to_owned()
        }
        other => format!("claim file: {}", other.to_inviter()),
    }
}
