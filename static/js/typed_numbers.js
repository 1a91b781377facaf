// Numbers as people type them: `0,7`, `10 000`; foundation/presentation/typed_numbers.py reads the same.
const BETWEEN_THOUSANDS = /\s(?=\d{3})/g;
const DECIMAL_COMMA = /^(-?\d*),(?!\d{3}$)/;
const SMALL = /^(-?0*),/; // 0,125: no thousand begins with nothing

// What is none, or could be two (`1,000`), is NaN.
export const numberOf = (text) => Number(text.trim().replace(BETWEEN_THOUSANDS, "").replace(DECIMAL_COMMA, "$1.").replace(SMALL, "$1."));
