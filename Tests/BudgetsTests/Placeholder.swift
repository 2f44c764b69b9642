import Budgets
