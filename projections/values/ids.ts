declare const brand: unique symbol

/** A student's `identifier`: opaque text of 1–128 code points, none of category Cc; compared byte for byte. */
export type StudentId = string & { readonly [brand]: 'StudentId' }

/** Integer paise, 0 … 999,999,999,999. Never a float: rupees exist only in the bytes that come in and go out. */
export type Paise = number & { readonly [brand]: 'Paise' }

/** A calendar date `YYYY-MM-DD` that exists. */
export type IsoDate = string & { readonly [brand]: 'IsoDate' }

/**
 * A moment in UTC, `YYYY-MM-DDTHH:MM:SS[.fraction]` without a zone letter and without trailing zeros in the fraction,
 * so that string order is time order.
 */
export type Instant = string & { readonly [brand]: 'Instant' }
