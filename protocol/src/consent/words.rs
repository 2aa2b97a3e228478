//! The usual words of a consent. They name no organisation, since each recipient gets them.

use super::TpoStatements;

/// 2.31(a)(6).
pub const REVOKE: &str = "I may revoke this consent in writing at any time, except where somebody has already relied on \
it. I can write to, or tell any staff member of, any organisation that this consent names.";

/// 2.35(c), in the place of 2.31(a)(6).
pub const REVOKE_LATER: &str = "I may not revoke this consent at any time: only from the day or event that it names, and in \
any case once the matter that it names has come to its end. Then I can write to, or tell any staff member of, any organisation \
that this consent names.";

/// 2.31(a)(4)(iii).
pub const REDISCLOSURE: &str = "If I let a covered entity or a business associate have my record for treatment, payment or \
health care operations, my record (or information contained in it) may be redisclosed in accordance with the permissions \
contained in the HIPAA regulations, except for uses and disclosures for civil, criminal, administrative, and legislative \
proceedings against me.";

/// 2.31(a)(5)(iii).
pub const OPT_OUT: &str = "I may say at any time, to any staff member, that I do not want to be asked for money. Nothing else \
changes if I do.";

/// 45 CFR 164.508(c)(2)(ii), (iii).
pub const AUTHORIZATION: &str = "My treatment, payment, enrolment and benefits do not depend on whether I sign this. Who \
receives what a hospital or health plan tells may pass it on, and the HIPAA regulations may then no longer protect it.";

/// 2.31(a)(10)(i).
pub const TPO_REDISCLOSURE: &str =
    "Who receives my records may redisclose them, and they may then no longer be protected by 42 CFR part 2.";

/// 2.31(a)(10)(ii).
pub const TPO_REFUSING: &str = "If I do not sign, a treatment program named here can not tell the others about me, and I may have to \
call and visit them myself. A hospital or other covered entity may still tell what the HIPAA regulations let it tell. I will not be \
refused care in an emergency.";

/// Both statements of 2.31(a)(10).
pub(super) fn statements() -> TpoStatements {
    TpoStatements { redisclosure: TPO_REDISCLOSURE.to_owned(), refusing: TPO_REFUSING.to_owned() }
}
