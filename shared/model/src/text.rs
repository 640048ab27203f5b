//! What text from outside is held against before it is stored, shown or compared.

pub mod email;
pub mod invisible;
pub mod media_type;
pub mod naming;
