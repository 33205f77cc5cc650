// Emergency numbers: digits so short that they would pass for extensions, and yet lead out of the house.

/** Everywhere: 112 and 911 (ITU-T E.161.1), and 999, which mobile phones know beside them (3GPP TS 22.101, section 10). */
const EVERYWHERE: ReadonlySet<string> = new Set(['112', '911', '999']);

/** Beside those, as each country's regulator assigned them; only where a telephone system in that country routes them. */
const BY_COUNTRY: Readonly<Record<string, string>> = {
  AR: '100 101 107',
  AT: '122 133 144',
  AU: '000',
  BE: '100 101',
  BR: '190 192 193',
  CH: '117 118 144',
  CL: '131 132 133',
  CN: '110 119 120',
  CZ: '150 155 158',
  DE: '110',
  FR: '15 17 18',
  HU: '104 105 107',
  IL: '100 101 102',
  IN: '100 101 102',
  IT: '113 115 118',
  JP: '110 118 119',
  KR: '119',
  LI: '117 118 144',
  NO: '110 113',
  NZ: '111',
  PL: '997 998',
  RU: '101 102 103',
  SK: '150 155 158',
  UA: '101 102 103',
  ZA: '10111 10177',
};

const SETS = new Map(Object.entries(BY_COUNTRY).map(([country, numbers]) => [country, new Set(numbers.split(' '))]));

/** Whether digits as dialled are an emergency number of that country (two capital letters), or of every one. */
export const isEmergency = (digits: string, country: string | undefined): boolean =>
  EVERYWHERE.has(digits) || (country !== undefined && SETS.get(country)?.has(digits) === true);
