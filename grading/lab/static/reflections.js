// What the reflections page does.
"use strict";
