//! Requests about persons, each to its use case. Who calls has checked the staff member's own secret: a [`StaffSession`] is the proof.

use super::staff::StaffSession;
use super::{
    agreements, attachments, calls, choices, consents, disclosures, emergency, holds, inquiries, outside, people,
    plans, prints, referrals, report,
};
use crate::api::care::Care;
use crate::api::{Response, respond};
use belay_protocol::engine::Step;

/// Answers one request. What it wrote waits in the step; a failure writes nothing if the step is dropped.
#[expect(clippy::too_many_lines, reason = "a line or two for each request, and nothing else")]
pub fn answer(step: &mut Step<'_>, session: &StaffSession, ask: &Care) -> Response {
    match ask {
        Care::PersonAdd(ask) => respond(people::add(step, session, ask)),
        Care::PersonLike(fields) => respond(people::like_this(step, session, fields)),
        Care::PersonEdit(ask) => respond(people::edit(step, session, ask)),
        Care::PersonMergePreview(ask) => respond(people::merge_preview(step, session, ask)),
        Care::PersonMerge(ask) => respond(people::merge(step, session, ask)),
        Care::PersonApart(ask) => respond(people::apart(step, session, ask)),
        Care::PersonList(ask) => respond(people::list(step, session, ask)),
        Care::PersonShow { person } => respond(people::show(step, session, person)),
        Care::PersonPlanPreview(ask) => respond(plans::preview(step, session, ask)),
        Care::PersonPlan(ask) => respond(plans::write(step, session, ask)),
        Care::PersonRestrict(ask) => respond(consents::left_out::restrict(step, session, ask)),
        Care::PersonRestrictPreview(ask) => respond(consents::left_out::preview(step, session, ask)),
        Care::PersonLetInPreview(ask) => respond(consents::left_out::let_in_preview(step, session, ask)),
        Care::PersonLetIn(ask) => respond(consents::left_out::let_in(step, session, ask)),
        Care::ConsentDraft(draft) => respond(consents::draft(step, session, draft)),
        Care::ConsentSign(sign) => respond(consents::sign(step, session, sign)),
        Care::ConsentShow { consent, whole } => respond(consents::show(step, session, consent, *whole)),
        Care::ConsentAmend(amend) => respond(consents::amend(step, session, amend)),
        Care::ConsentDiscard { consent } => respond(consents::discard(step, session, consent)),
        Care::ConsentRestrict { consent, restriction } => {
            respond(consents::restrict(step, session, consent, restriction))
        }
        Care::ConsentRestrictPreview { consent, restriction } => {
            respond(consents::restrict_preview(step, session, consent, restriction))
        }
        Care::ConsentEventStrike { consent, revocable, why } => {
            respond(consents::strike(step, session, consent, *revocable, why))
        }
        Care::ConsentEvent { consent, revocable, on } => {
            respond(consents::event(step, session, consent, *revocable, *on))
        }
        Care::ConsentSuspend { consent, why, lift } => respond(consents::suspend(step, session, consent, why, *lift)),
        Care::ConsentVoid { consent, why } => respond(consents::void(step, session, consent, why)),
        Care::ConsentJudge { consent, to, why } => {
            respond(disclosures::judge(step, session, consent, to.as_deref(), why))
        }
        Care::ConsentRevokePreview { consent, party } => {
            respond(consents::revoke_preview(step, session, consent, party.as_deref()))
        }
        Care::ConsentWish { consent, party, spoken } => {
            respond(consents::wish(step, session, consent, party.as_deref(), *spoken))
        }
        Care::ConsentUnsay { consent, party, spoken } => {
            respond(consents::unsay(step, session, consent, party.as_deref(), *spoken))
        }
        Care::ConsentRevoke { consent, party, spoken } => {
            respond(consents::revoke(step, session, consent, party.as_deref(), *spoken))
        }
        Care::ConsentHeard(ask) => respond(consents::heard_for(step, session, ask)),
        Care::CallList(ask) => respond(calls::list(step, session, ask)),
        Care::CallShow { call } => respond(calls::show(step, session, call)),
        Care::CallMade { call, with } => respond(calls::made(step, session, call, with)),
        Care::CallDone { call } => respond(calls::done(step, session, call)),
        Care::CallReopen { call, why } => respond(calls::reopen(step, session, call, why)),
        Care::CallWhose { call, person } => respond(calls::whose(step, session, call, person.as_ref())),
        Care::ConsentOnward(ask) => respond(consents::onward(step, session, ask)),
        Care::ConsentList { person } => respond(consents::list(step, session, person.as_ref())),
        Care::ReferralSend(send) => respond(referrals::send(step, session, send)),
        Care::ReferralPreview(send) => respond(referrals::preview(step, session, send)),
        Care::ReferralTied(ask) => respond(choices::refer_tied(step, session, ask)),
        Care::ReferralTiedPreview(ask) => respond(referrals::preview_tied(step, session, ask)),
        Care::ReferralList(ask) => {
            let list = referrals::list(step, session, ask).and_then(|view| inquiries::beside(step, ask, view));
            let list = list.and_then(|view| calls::beside(step, session, ask, view));
            respond(list.and_then(|view| disclosures::beside(step, session, ask, view)))
        }
        Care::ReferralShow { thread } => respond(referrals::show(step, session, thread)),
        Care::NeedList { person } => respond(referrals::open_needs(step, session, person)),
        Care::ReferralAct { thread, act } => respond(referrals::act(step, session, thread, act)),
        Care::ReferralLink(ask) => respond(referrals::link(step, session, ask)),
        Care::Disclosures(ask) => respond(disclosures::list(step, session, ask)),
        Care::Attach(ask) => attachments::attach(step, session, ask),
        Care::Attachments(of) => respond(attachments::list(step, session, of)),
        Care::AttachmentPart { attachment, thread, from } => {
            respond(attachments::part(step, session, attachment, thread.as_deref(), *from))
        }
        Care::SignaturePart { person, file, from } => {
            respond(attachments::signature(step, session, (person, file), *from))
        }
        Care::FileWent(ask) => respond(outside::went(step, session, ask)),
        Care::FileBack { thread, file, why } => respond(outside::back(step, session, (thread, file), why)),
        Care::DisclosureWent(ask) => respond(outside::record_went(step, session, ask)),
        Care::DisclosureWentBack { thread, why } => respond(outside::went_back(step, session, thread, why)),
        Care::LetterBack { thread, why } => respond(outside::letter_back(step, session, thread, why)),
        Care::FileCover(ask) => respond(outside::cover(step, session, ask)),
        Care::Print(ask) => respond(prints::print(step, session, ask)),
        Care::AuditVerify => respond(disclosures::verify(step, session)),
        Care::Audit { limit } => respond(disclosures::audit(step, session, *limit)),
        Care::PartnerAdd(fields) => respond(outside::add(step, fields)),
        Care::PartnerEdit(edit) => respond(outside::edit(step, edit)),
        Care::PartnerJoined(ask) => respond(outside::joined(step, session, ask)),
        Care::PartnerList => respond(outside::list(step.draft())),
        Care::ReferralRefer(ask) => respond(choices::refer(step, session, ask)),
        Care::ReferralReferPreview(ask) => respond(choices::preview(step, session, ask)),
        Care::ReferralHeard { thread, act, from } => respond(referrals::heard(step, session, thread, act, from)),
        Care::ReferralLetter(ask) => respond(outside::letter(step, session, ask)),
        Care::Inquire(ask) => respond(inquiries::inquire(step, session, ask)),
        Care::InquiryList => respond(inquiries::list(step, session)),
        Care::InquiryShow { inquiry } => respond(inquiries::show(step, session, inquiry)),
        Care::InquiryAnswer { inquiry, reply, from } => {
            respond(inquiries::answer(step, session, inquiry, *reply, from.as_ref()))
        }
        Care::InquiryAside { inquiry, why } => respond(inquiries::aside(step, session, inquiry, why.as_ref())),
        Care::OptionsKeep(ask) => respond(choices::keep(step, session, ask)),
        Care::OptionsList { person } => respond(choices::list(step, session, person)),
        Care::ReferralReport(ask) => respond(report::report(step, session, ask)),
        Care::EmergencyPlace(ask) => respond(emergency::place(step, session, ask)),
        Care::EmergencyUpdate(ask) => respond(emergency::update(step, session, ask)),
        Care::EmergencyWithdraw { person, at } => respond(emergency::withdraw(step, session, person, at.as_deref())),
        Care::EmergencyOpen(ask) => respond(emergency::open(step, session, ask)),
        Care::EmergencyList { person } => respond(emergency::list(step, session, person.as_ref())),
        Care::EmergencyReview { opening, note } => respond(emergency::review(step, session, opening, note)),
        Care::EmergencyWhose { opening, person } => respond(emergency::whose(step, session, opening, person.as_ref())),
        Care::EmergencyTold(ask) => respond(emergency::told(step, session, ask)),
        Care::DisclosureRecord(ask) => respond(disclosures::record(step, session, ask)),
        Care::DisclosureWithhold(ask) => respond(disclosures::withhold(step, session, ask)),
        Care::DisclosureRelease { statement, why } => respond(disclosures::release(step, session, statement, why)),
        Care::DisclosureStrike { record, why } => respond(disclosures::strike(step, session, record, why)),
        Care::DisclosureWithheld => respond(disclosures::withheld(step, session)),
        Care::AgreementShow { agreement } => respond(agreements::show(step, agreement)),
        Care::AgreementDraft(fields) => respond(agreements::draft_as(step, session, fields)),
        Care::AgreementForm { agreement, form } => respond(agreements::form(step, agreement, form)),
        Care::AgreementSign(fields) => respond(agreements::sign_as(step, session, fields)),
        Care::AgreementEnd { agreement, reason } => respond(agreements::end_as(step, session, agreement, reason)),
        Care::HoldSet(ask) => respond(holds::set(step, session, ask)),
        Care::HoldLift { hold, why } => respond(holds::lift(step, session, hold, why)),
        Care::HoldList { person } => respond(holds::list(step, session, person.as_ref())),
    }
}

#[cfg(test)]
mod tests;
