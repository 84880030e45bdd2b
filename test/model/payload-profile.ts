import { code, date, flag, optional, record, text } from './fields.ts'
import { type JsonObject, rawField } from './json.ts'
import type { Profile } from './types.ts'

const readUser = (object: JsonObject, name: string) => {
  const user = record(object, name)
  return { name: text(user, 'name'), phone: code(user, 'phone') }
}

const PROFILE: { readonly [K in keyof Profile]: (data: JsonObject) => Profile[K] } = {
  fullname: (data) => text(data, 'fullname'),
  newAdmission: (data) => flag(data, 'new_admission'),
  contactName: (data) => text(data, 'primary_contact_name'),
  contactNumber: (data) => code(data, 'primary_contact_number'),
  contactEmail: (data) => text(data, 'primary_contact_email'),
  dateOfBirth: (data) => optional(date, data, 'date_of_birth'),
  customIdentifier: (data) => optional(code, data, 'custom_identifier'),
  user: (data) => optional(readUser, data, 'user'),
}
const WIRE: { readonly [K in keyof Profile]: string } = {
  fullname: 'fullname',
  newAdmission: 'new_admission',
  contactName: 'primary_contact_name',
  contactNumber: 'primary_contact_number',
  contactEmail: 'primary_contact_email',
  dateOfBirth: 'date_of_birth',
  customIdentifier: 'custom_identifier',
  user: 'user',
}

export const readProfile = (data: JsonObject): Profile =>
  Object.fromEntries(Object.entries(PROFILE).map(([name, read]) => [name, read(data)])) as Profile

/** Only what is mentioned changes. A null mentions: it removes an optional field, and fails to be a required one. */
export const readProfileChanges = (data: JsonObject): Partial<Profile> =>
  Object.fromEntries(
    Object.entries(PROFILE)
      .filter(([name]) => rawField(data, WIRE[name as keyof Profile]) !== undefined)
      .map(([name, read]) => [name, read(data)]),
  )
